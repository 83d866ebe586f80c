"""Files over HTTP: uploaded once, looked at, begun, followed, reported; and everything that is refused."""

import gzip
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.compliance.models import AuditEntry
from apps.ingestion import tasks
from apps.ingestion.domain import deliveries
from apps.ingestion.models import FileImport, ImportWork
from apps.ingestion.services import uploads
from apps.orgs import services
from apps.orgs.models import Role, ServiceAccount
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog

OWN = "userId=who timestamp=at properties.value=paid event='Order Paid' type='track'"
TEXT = "who,at,paid,note\nann,2026-05-01,1,x\nbob,yesterday,2,y\ncleo,2026-05-02,3,z\n"


class Api:
    """A program with a key, and the imports of one property."""

    def __init__(self, key: str, property_id: int) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {key}"})
        self.base = f"/api/v1/properties/{property_id}/imports/"

    def upload(self, content: bytes = TEXT.encode(), name: str = "orders.csv", key: str = "", **said: Any) -> Any:
        """Send a form with a file."""
        fields = {"own_mapping": OWN, **said}
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(self.base, {**fields, "file": SimpleUploadedFile(name, content)}, headers=headers)

    def raw(self, content: bytes, type_of: str = "application/octet-stream", **said: Any) -> Any:
        """Send a file as the body."""
        return self.client.post(self.base, content, content_type=type_of, query_params={"own_mapping": OWN, **said})

    def get(self, path: str = "", **query: Any) -> Any:
        return self.client.get(f"{self.base}{path}", query)

    def begin(self, run_id: int) -> Any:
        return self.client.post(f"{self.base}{run_id}/begin/")


def key_for(company: Company, *scopes: str, role: str = Role.DEVELOPER, organization: Any = None) -> str:
    """Return the key of a new program."""
    account = ServiceAccount.objects.create(
        organization=organization or company.organization,
        name=f"Nightly job {ServiceAccount.objects.count()}",
        role=role,
    )
    made = services.create_key(account=account, name="k", scopes=scopes or ("events.import",), made_by=None)
    return made.text


@pytest.fixture
def api(company: Company, log: MemoryLog, valkey: None, monkeypatch: pytest.MonkeyPatch) -> Api:
    """The nightly job of Ada's company; the log has room."""
    monkeypatch.setattr(log, "lag", lambda: 0, raising=False)
    return Api(key_for(company), company.shop.pk)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, int]]:
    """What the worker was asked to do."""
    found: list[dict[str, int]] = []
    monkeypatch.setattr(tasks.run_import, "apply_async", lambda **told: found.append(told["kwargs"]))
    return found


def users(log: MemoryLog) -> list[str]:
    """Return whose events are on the log."""
    items = [item for entry in log.entries.values() for item in deliveries.decode(entry.body).items]
    return [json.loads(item.payload)["userId"] for item in items]


def problem(answer: Any) -> tuple[int, str]:
    """Return the status and the code of a problem document."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return answer.status_code, answer.json()["code"]


def fields(answer: Any) -> list[str]:
    """Return the fields that a refusal names."""
    assert problem(answer) == (400, "invalid")
    return [one["field"] for one in answer.json()["errors"]]


def test_file_is_uploaded_looked_at_imported_and_reported(
    api: Api, log: MemoryLog, asked: list[dict[str, int]], django_capture_on_commit_callbacks: Any
) -> None:
    made = api.upload(gzip.compress(TEXT.encode()), "orders.csv.gz", time_zone="Europe/Berlin")

    run = made.json()
    assert (made.status_code, run["status"], run["name"], run["made_by"]) == (201, "looked_at", "orders.csv.gz", None)
    assert run["said"]["time_zone"] == "Europe/Berlin"
    preview = api.get(f"{run['id']}/preview/").json()
    assert [(event["userId"], event["timestamp"]) for event in preview["events"]] == [
        ("ann", "2026-05-01T00:00:00+02:00"),
        ("cleo", "2026-05-02T00:00:00+02:00"),
    ]
    (bad,) = preview["not_understood"]
    assert (bad["row"], bad["line"], bad["reason"], bad["content"]) == (2, 3, "bad_time", "bob,yesterday,2,y")
    assert (preview["form"], preview["unread"]) == ("csv", ["note"])
    assert users(log) == []

    with django_capture_on_commit_callbacks(execute=True):
        begun = api.begin(run["id"])
    assert (begun.status_code, begun.json()["status"]) == (202, "waiting")
    tasks.run_import(**asked[0])

    assert users(log) == ["ann", "cleo"]
    over = api.get(f"{run['id']}/").json()
    assert (over["status"], over["rows"], over["events"]) == ("succeeded", 3, 2)
    assert (over["kinds"], over["not_understood"], over["unread"]) == ({"track": 2}, {"bad_time": 1}, ["note"])
    report = api.get(f"{run['id']}/report/").json()
    assert report["next"] is None
    assert [(one["row"], one["line"], one["reason"], one["field"]) for one in report["rows"]] == [
        (2, 3, "bad_time", "timestamp")
    ]
    assert "bob" not in str(report)
    assert problem(api.get(f"{run['id']}/preview/")) == (409, "file_gone")


def test_file_as_the_body_is_the_same_as_in_a_form(api: Api) -> None:
    for number, type_of in enumerate(
        ("application/octet-stream", "text/csv", "application/x-www-form-urlencoded", "application/json")
    ):
        made = api.raw(TEXT.encode(), type_of, name=f"orders {number}.csv")
        assert made.status_code == 201, made.content
        preview = api.get(f"{made.json()['id']}/preview/").json()
        assert [event["userId"] for event in preview["events"]] == ["ann", "cleo"]
    packed = api.client.post(
        api.base, gzip.compress(TEXT.encode()), content_type="text/csv", headers={"Content-Encoding": "gzip"},
        query_params={"own_mapping": OWN, "name": "packed.csv"},
    )  # fmt: skip
    assert packed.status_code == 201
    assert [run["name"] for run in api.get().json()["rows"]] == [
        "packed.csv",
        *(f"orders {n}.csv" for n in (3, 2, 1, 0)),
    ]


def test_upload_that_is_sent_again_is_the_same_import(api: Api) -> None:
    """R2: whatever is between, a retry makes no second import."""
    first = api.upload()
    again = api.upload()

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    others = (
        api.upload(time_zone="Europe/Berlin"),
        api.upload(TEXT.encode() + b"d,2026-05-03,1,\n"),
        api.upload(name="b.csv"),
    )
    assert [one.status_code for one in others] == [201] * 3
    FileImport.objects.update(status="succeeded")
    ImportWork.objects.update(content=b"")
    assert api.upload().json()["id"] == first.json()["id"]
    assert FileImport.objects.count() == 4


def test_idempotency_key_makes_tries_one_upload(api: Api) -> None:
    first, again, other = api.upload(key="night-1"), api.upload(key="night-1"), api.upload(key="night-2")

    assert [one.status_code for one in (first, again, other)] == [201, 200, 201]
    assert first.json()["id"] == again.json()["id"] != other.json()["id"]
    assert problem(api.upload(b"who,at\na,2026-05-01\n", key="night-1")) == (422, "idempotency_key_reused")
    assert fields(api.upload(key="k" * 256)) == ["Idempotency-Key"]
    assert FileImport.objects.count() == 2


def test_key_of_another_property_is_no_key_of_this_one(api: Api, company: Company) -> None:
    theirs = Api(key_for(company, organization=company.theirs.organization), company.theirs.pk)

    assert [one.upload(key="same").status_code for one in (api, theirs)] == [201, 201]
    assert FileImport.objects.filter(property=company.shop).count() == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"mapping": "klingon", "own_mapping": ""}, "mapping"),
        ({"mapping": "appsflyer"}, "own_mapping"),
        ({"own_mapping": "colour=a"}, "own_mapping"),
        ({"own_mapping": "events: [unclosed"}, "own_mapping"),
        ({"time_zone": "Nowhere/Here"}, "time_zone"),
        ({"time_form": "%H:%M"}, "time_form"),
        ({"encoding": "klingon"}, "encoding"),
        ({"stream": "999999"}, "stream"),
        ({"stream": "web"}, "stream"),
        ({"has_decimal_comma": "perhaps"}, "has_decimal_comma"),
        ({"timezone": "Europe/Berlin"}, "timezone"),
        ({"content": b""}, "file"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(api: Api, said: dict[str, Any], field: str) -> None:
    assert fields(api.upload(**said)) == [field]
    assert not FileImport.objects.exists()


def test_stream_of_another_property_is_none(api: Api, company: Company) -> None:
    assert fields(api.upload(stream=company.theirs.streams.get().pk)) == ["stream"]


def test_stream_is_asked_for_where_there_are_several(api: Api, company: Company) -> None:
    more = services.create_stream(property_id=company.shop.pk, name="App", kind="ios")

    refused = api.upload()
    assert fields(refused) == ["stream"]
    assert f"{more.pk} (App)" in refused.json()["errors"][0]["detail"]
    assert api.upload(stream=more.pk).json()["stream"] == more.pk


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.parquet", b"who,at\na,b\n", "no Parquet"),
        ("a.csv", b"who;who;at\na;b;c\n", "twice"),
        ("a.xlsx", b"PK\x03\x04nothing", "cannot be unpacked"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel"),
        ("a.pdf", b"%PDF-1.7 \x00\x01", "let its name end in"),
        ("a.parquet", b"PAR1 nothing PAR1", "Parquet"),
        ("a.csv", b"\n\n\n", "empty"),
    ],
)
def test_file_that_is_not_what_it_claims_is_refused_and_not_kept(
    api: Api, name: str, content: bytes, told: str
) -> None:
    answer = api.upload(content, name)

    assert problem(answer) == (422, "unreadable_file")
    assert told in answer.json()["detail"]
    assert not FileImport.objects.exists()


def test_file_beyond_the_limit_is_refused(api: Api, settings: Any) -> None:
    settings.INGESTION_LARGEST_FILE = len(TEXT) - 1

    assert problem(api.upload()) == (413, "too_large")
    assert problem(api.raw(TEXT.encode(), name="a.csv")) == (413, "too_large")
    assert problem(api.upload(b"x" * 3_000_000)) == (413, "too_large")
    assert not FileImport.objects.exists()


def test_request_without_a_file_or_with_several_is_refused(api: Api) -> None:
    two = [SimpleUploadedFile("a.csv", TEXT.encode()), SimpleUploadedFile("b.csv", TEXT.encode())]

    assert fields(api.client.post(api.base, {"own_mapping": OWN})) == ["file"]
    assert fields(api.client.post(api.base, {"own_mapping": OWN, "file": "orders.csv"})) == ["file"]
    assert fields(api.client.post(api.base, {"own_mapping": OWN, "file": two})) == ["file"]
    assert fields(api.client.post(api.base, {"own_mapping": OWN, "data": two[0]})) == ["data"]
    assert fields(api.raw(TEXT.encode())) == ["name"]
    assert fields(api.raw(b"", name="a.csv")) == ["file"]
    cut_off = api.client.post(api.base, b"--x\r\nContent-Disp", content_type="multipart/form-data; boundary=x")
    assert cut_off.status_code == 400
    assert api.client.post(api.base, b"x", content_type="multipart/form-data").status_code == 400
    chunked = api.client.post(
        api.base, TEXT.encode(), content_type="text/csv", headers={"Transfer-Encoding": "chunked"},
        query_params={"own_mapping": OWN, "name": "a.csv"},
    )  # fmt: skip
    assert problem(chunked) == (411, "length_required")
    unpacked = api.client.post(
        api.base, b"x", content_type="text/csv", headers={"Content-Encoding": "br"}, query_params={"name": "a.csv"}
    )
    assert problem(unpacked) == (415, "unsupported_encoding")


def test_import_begins_once_and_is_not_taken_back(
    api: Api, asked: list[dict[str, int]], django_capture_on_commit_callbacks: Any
) -> None:
    run_id = api.upload().json()["id"]
    with django_capture_on_commit_callbacks(execute=True):
        assert api.begin(run_id).status_code == 202
        assert problem(api.begin(run_id)) == (409, "begun_before")
    assert problem(api.client.delete(f"{api.base}{run_id}/")) == (409, "begun_before")
    tasks.run_import(**asked[0])

    assert problem(api.begin(run_id)) == (409, "begun_before")
    assert problem(api.client.delete(f"{api.base}{run_id}/")) == (409, "begun_before")
    assert len(asked) == 1
    assert FileImport.objects.get().status == "succeeded"


def test_file_that_was_not_begun_is_forgotten_and_may_come_again(api: Api) -> None:
    run_id = api.upload(key="k").json()["id"]

    assert api.client.delete(f"{api.base}{run_id}/").status_code == 204
    assert problem(api.get(f"{run_id}/")) == (404, "not_found")
    assert problem(api.client.delete(f"{api.base}{run_id}/")) == (404, "not_found")
    assert not ImportWork.objects.exists()
    assert api.upload(key="k").status_code == 201


def test_lists_and_reports_come_in_pages(api: Api, company: Company) -> None:
    ids = [api.upload(name=f"{number}.csv").json()["id"] for number in range(3)]
    report = "row,reason,field,detail,line\n" + "".join(f"{n},bad_time,timestamp,no,{n + 1}\n" for n in range(1, 6))
    ImportWork.objects.filter(run_id=ids[0]).update(report=report)

    page = api.get(limit=2).json()
    assert [run["id"] for run in page["rows"]] == ids[:0:-1]
    assert [run["id"] for run in api.get(limit=2, before=page["next"]).json()["rows"]] == [ids[0]]
    first = api.get(f"{ids[0]}/report/", limit=3).json()
    rest = api.get(f"{ids[0]}/report/", limit=3, after=first["next"]).json()
    assert [one["row"] for one in [*first["rows"], *rest["rows"]]] == [1, 2, 3, 4, 5]
    assert rest["next"] is None
    assert api.get(f"{ids[1]}/report/").json() == {"rows": [], "next": None}
    for path, query in (("", {"limit": 0}), ("", {"before": "x"}), (f"{ids[0]}/report/", {"after": -1})):
        assert problem(api.get(path, **query)) == (400, "invalid")


def test_progress_costs_the_same_whatever_the_file_weighs(api: Api, django_assert_max_num_queries: Any) -> None:
    run_id = api.upload().json()["id"]

    with django_assert_max_num_queries(20) as seen:
        api.get(f"{run_id}/")
        api.get()
    assert not [one["sql"] for one in seen.captured_queries if '"content"' in one["sql"]]


def test_mappings_are_listed_with_their_columns_and_their_text(api: Api) -> None:
    said = api.get("mappings/").json()

    assert [one["name"] for one in said["mappings"]] == ["adjust", "appsflyer", "journeys", "spend"]
    journeys = said["mappings"][2]
    assert "customer_id" in journeys["columns"]
    made = api.upload(b"customer_id,time,interaction,conversion,conversion_value,channel\n1,2026-05-01,c,1,2,x\n",
                      own_mapping=journeys["text"])  # fmt: skip
    assert [event["type"] for event in api.get(f"{made.json()['id']}/preview/").json()["events"]] == ["click", "track"]
    assert api.upload(own_mapping=said["example"]).status_code == 201
    assert "userId" in said["fields"]


def test_nobody_else_finds_an_import(api: Api, company: Company, log: MemoryLog) -> None:
    """R5: whoever is of another organization gets 404, who may not import 403, who is nobody 401."""
    run_id = api.upload().json()["id"]
    outsider = Api(key_for(company, organization=company.theirs.organization), company.shop.pk)
    beside = Api(key_for(company, organization=company.theirs.organization), company.theirs.pk)
    reader = Api(key_for(company, "events.read", "reports.read"), company.shop.pk)
    viewer = Api(key_for(company, role=Role.VIEWER), company.shop.pk)
    stranger = Api("tk_00000000_nothing", company.shop.pk)
    mallory, ada = (company.client_of(person) for person in (company.mallory, company.ada))

    def statuses(client: Client, base: str) -> set[int]:
        one = f"{base}{run_id}/"
        asked = [client.get(path) for path in (base, one, f"{one}preview/", f"{one}report/", f"{base}mappings/")]
        sent = [client.post(base, {"file": SimpleUploadedFile("a.csv", b"x")}), client.post(f"{one}begin/")]
        return {answer.status_code for answer in (*asked, *sent, client.delete(one))}

    for who, status in ((outsider, 404), (reader, 403), (viewer, 403), (stranger, 401)):
        assert statuses(who.client, who.base) == {status}
    assert statuses(mallory, api.base) == {404}
    for path in ("", "preview/", "report/"):
        assert problem(beside.get(f"{run_id}/{path}")) == (404, "not_found")
    assert problem(beside.begin(run_id)) == (404, "not_found")
    assert problem(beside.client.delete(f"{beside.base}{run_id}/")) == (404, "not_found")
    assert beside.get().json()["rows"] == []
    assert FileImport.objects.get().status == "looked_at"
    assert ada.get(f"{api.base}{run_id}/").json()["id"] == run_id
    assert Api(key_for(company), 999_999).get().status_code == 404


def test_record_names_the_program_that_imported(api: Api, company: Company) -> None:
    run_id = api.upload().json()["id"]
    api.client.delete(f"{api.base}{run_id}/")

    entries = AuditEntry.objects.filter(subject="ingestion_fileimport", subject_id=str(run_id)).order_by("pk")
    assert [entry.action for entry in entries] == ["insert", "delete"]
    assert all(entry.actor_name.startswith("Nightly job") for entry in entries)


def test_page_and_program_see_the_same_imports(api: Api, company: Company) -> None:
    run_id = api.upload().json()["id"]
    page = company.client_of(company.ada).get(f"/o/fernweh/p/shop/imports/{run_id}/")

    assert "&quot;userId&quot;: &quot;ann&quot;" in page.content.decode()


def test_property_keeps_so_many_files_and_no_more(api: Api, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_FILES", 2)
    assert [api.upload(name=f"{number}.csv").status_code for number in range(2)] == [201, 201]

    assert problem(api.upload(name="3.csv")) == (429, "too_many_files")
    assert api.upload(name="1.csv").status_code == 200
    page = company.client_of(company.ada).post(
        "/o/fernweh/p/shop/imports/",
        {"mapping": "", "stream": company.shop.streams.get().pk, "file": SimpleUploadedFile("a.jsonl", b"{}")},
    )
    assert page.status_code == 422
    FileImport.objects.update(status="succeeded")
    assert api.upload(name="3.csv").status_code == 201
