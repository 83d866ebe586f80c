"""Files and mappings that are made to hurt, uploaded over HTTP: refused or read, at once, and nothing is lost."""

# ruff: noqa: F811  pytest gives fixtures by the names that they are imported under

import gzip
import time
from typing import Any

import pytest

from apps.ingestion import tasks
from apps.ingestion.models import FileImport, ImportWork
from tests.fakes.event_log import MemoryLog
from tests.ingestion.test_import_api import OWN, TEXT, Api, api, asked, fields, problem, users  # noqa: F401  fixtures


@pytest.mark.parametrize(
    "name", ["report.csv", "ж" * 190 + ".csv", "..", "a/../../b.csv", "\x00.csv", "COM1 \u202e.csv"]
)
def test_file_of_any_name_is_read(api: Api, asked: list[dict[str, int]], log: MemoryLog, name: str) -> None:
    """The name of a file is a customer's word, and no path of ours."""
    made = api.raw(TEXT.encode(), name=name)
    if name == "\x00.csv":
        assert fields(made) == ["name"]
        return
    FileImport.objects.update(status="waiting")
    tasks.run_import(run_id=made.json()["id"], property_id=FileImport.objects.get().property_id)

    assert users(log) == ["ann", "cleo"]
    assert api.get(f"{made.json()['id']}/").json()["status"] == "succeeded"


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + one)}: &{chr(98 + one)} [{', '.join(['*' + chr(97 + one)] * 9)}]\n" for one in range(8)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB + "events: [{type: track, properties: *i}]",
        "events: " + "[" * 20_000,
        "events: " + "{a: " * 5_000,
        "events: [&a {properties: *a}]",
        "events: [{1: a, b: c}]",
        "events: [{type: track, when: {1: a}}]",
        "events: [{type: track, properties: {1: a}}]",
        "userId=who userId.x=at",
        "properties." + "a." * 20_000 + "b=who",
    ],
    ids=[
        "bomb",
        "deep list",
        "deep object",
        "endless",
        "mixed names",
        "number in when",
        "number",
        "twice",
        "deep pair",
    ],
)
def test_hostile_mapping_is_refused_in_no_time(api: Api, text: str) -> None:
    """R11: what somebody types as a mapping is neither a 5xx nor minutes of a processor."""
    began = time.process_time()

    assert fields(api.upload(own_mapping=text)) == ["own_mapping"]
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    "text",
    [
        "events: [{type: spend, timestamp: '{at}', context: x, properties: x}]",
        "events: [{type: spend, timestamp: '{at}', context: {campaign: x}, properties: {value: 1}}]",
        "events: [{type: track, event: e, userId: '{who::²}', timestamp: '{at}'}]",
        "events: [{type: [1], userId: '{who}', timestamp: {a: b}}]",
    ],
)
def test_mapping_that_makes_no_events_says_so_for_each_row(api: Api, text: str) -> None:
    run_id = api.upload(own_mapping=text).json()["id"]

    preview = api.get(f"{run_id}/preview/").json()
    assert (preview["events"], len(preview["not_understood"])) == ([], 3)


@pytest.mark.parametrize("name", ["hex", "rot13", "zlib", "idna", "punycode", "undefined"])
def test_what_is_no_encoding_of_texts_is_refused(api: Api, name: str) -> None:
    assert fields(api.upload(encoding=name)) == ["encoding"]


@pytest.mark.parametrize("name", ["utf-16", "utf-32", "cp1251", "shift_jis", "gb18030", "koi8-r", "utf-8-sig"])
def test_every_encoding_of_texts_is_taken(api: Api, name: str) -> None:
    run_id = api.upload(TEXT.encode(name), encoding=name).json()["id"]

    assert len(api.get(f"{run_id}/preview/").json()["events"]) == 2


@pytest.mark.parametrize("form", ["%Y%Y-%m-%d", "%Y-%m-%d %H:%M %Z", "%s", "%"])
def test_form_of_times_that_says_too_little_is_refused(api: Api, form: str) -> None:
    assert fields(api.upload(time_form=form)) == ["time_form"]


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("gaps.csv.gz", gzip.compress(b"who,at,paid\n" + b"\n" * 30_000_000 + b"ann,2026-05-01,1\n", 1)),
        ("gaps.jsonl.gz", gzip.compress(b'{"who":"ann"}\n' + b"\r\n" * 15_000_000, 1)),
        ("line.csv.gz", gzip.compress(b"who,at,paid\n" + b"a" * 200_000_000, 1)),
        ("begins.csv.gz", gzip.compress(b"\n" * 30_000_000, 1)),
    ],
)
def test_packed_nothing_holds_nobody_up(api: Api, name: str, packed: bytes) -> None:
    """R11: what is a few bytes for the sender is as few for the one who looks at it."""
    began = time.process_time()

    answer = api.upload(packed, name)

    assert time.process_time() - began < 3
    assert answer.status_code == (422 if name == "begins.csv.gz" else 201)


def test_empty_lines_lose_no_row(
    api: Api, asked: list[dict[str, int]], log: MemoryLog, django_capture_on_commit_callbacks: Any
) -> None:
    row = "{},2026-05-01,1,x\n".format
    answer = api.upload(("who,at,paid,note\n" + row("ann") + "\n" * 25_000 + row("bob")).encode())

    with django_capture_on_commit_callbacks(execute=True):
        api.begin(answer.json()["id"])
    tasks.run_import(**asked[0])

    assert users(log) == ["ann", "bob"]
    told = api.get(f"{answer.json()['id']}/report/").json()["rows"]
    assert [(one["line"], one["detail"]) for one in told] == [
        (10002, "10,000 empty lines"),
        (20002, "10,000 empty lines"),
    ]


def test_report_ends_where_it_would_fill_the_store_and_counts_on(
    api: Api,
    asked: list[dict[str, int]],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr("apps.ingestion.services.file_imports._LONGEST_REPORT", 20_000)
    answer = api.upload(("who,at,paid,note\n" + "ann,never,1,x\n" * 2_000).encode())

    with django_capture_on_commit_callbacks(execute=True):
        api.begin(answer.json()["id"])
    tasks.run_import(**asked[0])

    run = answer.json()["id"]
    assert api.get(f"{run}/").json()["not_understood"] == {"bad_time": 2_000}
    last: list[dict[str, Any]] = []
    after = 0
    while after is not None:
        page = api.get(f"{run}/report/", after=after, limit=200).json()
        last, after = page["rows"] or last, page["next"]
    assert last[-1]["reason"] == "report_full"
    assert len(ImportWork.objects.get(run_id=run).report) < 80_000
