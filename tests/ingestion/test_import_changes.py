"""An import that several hands are at: read otherwise, begun, discarded, sent again, broken off."""

import csv
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from apps.ingestion import services, tasks
from apps.ingestion.models import FileImport, ImportWork
from apps.ingestion.services import file_imports
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog
from tests.ingestion.test_import_api import OWN, TEXT, Api, api, asked, fields, problem, users
from tests.ingestion.test_import_pages import PAGE, ada, upload

__all__ = ["ada", "api", "asked"]


def change(api: Api, run_id: int, **said: Any) -> Any:
    """Say otherwise how a file is read."""
    return api.client.patch(f"{api.base}{run_id}/", said, content_type="application/json")


def begin(api: Api, run_id: int, **said: Any) -> Any:
    """Begin an import."""
    return api.client.post(f"{api.base}{run_id}/begin/", query_params=said)


def test_file_is_read_otherwise_without_being_sent_again(api: Api, company: Company) -> None:
    run = api.upload(time_zone="Europe/Berlin").json()

    def otherwise(**said: Any) -> Any:
        return api.client.patch(f"{api.base}{run['id']}/", said, content_type="application/json")

    changed = otherwise(time_zone="Asia/Tokyo").json()
    assert changed["said"] == {**run["said"], "time_zone": "Asia/Tokyo"}
    assert api.get(f"{run['id']}/preview/").json()["events"][0]["timestamp"] == "2026-05-01T00:00:00+09:00"

    ours = otherwise(own_mapping=OWN.replace("paid", "note"), has_decimal_comma=True).json()
    assert (ours["said"]["time_zone"], ours["said"]["has_decimal_comma"]) == ("Asia/Tokyo", True)
    assert api.get(f"{run['id']}/preview/").json()["unread"] == ["paid"]

    known = otherwise(mapping="journeys").json()
    assert (known["said"]["mapping"], known["said"]["own_mapping"]) == ("journeys", "")
    assert otherwise(own_mapping=OWN).json()["said"]["mapping"] == ""


def test_file_that_cannot_be_read_so_is_read_as_before(api: Api) -> None:
    run = api.upload().json()
    address = f"{api.base}{run['id']}/"

    def otherwise(said: Any) -> Any:
        return api.client.patch(address, said, content_type="application/json")

    assert problem(otherwise({"mapping": ""})) == (422, "unreadable_file")
    for wrong, field in (
        ({"time_zone": "Nowhere/Here"}, "time_zone"),
        ({"own_mapping": "colour=a"}, "own_mapping"),
        ({"mapping": "appsflyer", "own_mapping": OWN}, "own_mapping"),
        ({"mapping": "own"}, "own_mapping"),
        ({"stream": 999_999}, "stream"),
        ({"stream": None}, "stream"),
        ({"timezone": "UTC"}, "timezone"),
        ({"name": "b.csv"}, "name"),
    ):
        assert fields(otherwise(wrong)) == [field], wrong
    assert otherwise([1]).status_code == 400
    assert api.client.get(address).json() == run


def test_import_that_was_begun_is_read_as_it_was(api: Api, asked: list[dict[str, int]]) -> None:
    run = api.upload().json()
    api.begin(run["id"])

    answer = api.client.patch(f"{api.base}{run['id']}/", {"time_zone": "UTC"}, content_type="application/json")

    assert problem(answer) == (409, "begun_before")
    assert FileImport.objects.get().said["time_zone"] == ""


def test_what_was_looked_at_is_what_is_imported(api: Api, asked: list[dict[str, int]]) -> None:
    """An import cannot be taken back: whoever saw other times than these has to look again."""
    run = api.upload().json()
    change(api, run["id"], time_zone="America/New_York")

    assert problem(begin(api, run["id"], reading=run["reading"])) == (409, "read_otherwise")
    assert FileImport.objects.get().status == "looked_at"
    now = api.get(f"{run['id']}/").json()["reading"]
    assert now != run["reading"]
    assert begin(api, run["id"], reading=now).status_code == 202


def test_page_begins_what_it_showed(ada: Client, company: Company) -> None:
    upload(ada, company)
    run = FileImport.objects.get()
    mark = services.reading_of(run)
    FileImport.objects.update(said={**run.said, "time_zone": "Asia/Tokyo"})

    page = ada.post(f"{PAGE}{run.pk}/", {"do": "import", "reading": mark}, follow=True)

    assert "Somebody changed how the file is read" in page.content.decode()
    assert FileImport.objects.get().status == "looked_at"


def test_upload_with_the_words_of_before_is_another_upload(api: Api) -> None:
    first = api.upload().json()
    change(api, first["id"], time_zone="Asia/Tokyo")

    again = api.upload()

    assert (again.status_code, again.json()["said"]["time_zone"]) == (201, "")
    named = api.upload(key="night").json()
    change(api, named["id"], time_zone="Asia/Tokyo")
    assert api.upload(key="night").json()["id"] == named["id"], "a key names the upload, however it is read by then"


def test_file_that_could_not_be_read_is_read_otherwise(
    api: Api, ada: Client, company: Company, log: MemoryLog, asked: list[dict[str, int]]
) -> None:
    upload(ada, company, TEXT.encode(), mapping="", own_mapping="")  # lines of JSON, says the page; it is none
    run = FileImport.objects.get()
    begin(api, run.pk)
    tasks.run_import(run_id=run.pk, property_id=company.shop.pk)
    assert FileImport.objects.get().status == "failed"
    assert "Read it otherwise" in ada.get(f"{PAGE}{run.pk}/").content.decode()

    answer = change(api, run.pk, own_mapping=OWN)

    assert (answer.status_code, answer.json()["status"], answer.json()["problem"]) == (200, "looked_at", "")
    begin(api, run.pk)
    tasks.run_import(run_id=run.pk, property_id=company.shop.pk)
    assert users(log) == ["ann", "cleo"]


def test_half_of_an_import_is_not_read_otherwise(api: Api) -> None:
    run = api.upload().json()
    FileImport.objects.update(status="failed")
    ImportWork.objects.update(state={"rows": 2, "events": 1})

    assert problem(change(api, run["id"], time_zone="Asia/Tokyo")) == (409, "begun_before")


@pytest.mark.parametrize("name", ["no\0te", "n" * 5000])
def test_name_of_a_column_that_no_store_takes_costs_nothing(
    api: Api, company: Company, log: MemoryLog, asked: list[dict[str, int]], name: str
) -> None:
    """R9: the import called itself failed without a reason, and all of its events were stored."""
    rows = [
        {name if key == "note" else key: cell for key, cell in row.items()} for row in csv.DictReader(TEXT.splitlines())
    ]
    run = api.upload(json.dumps(rows).encode(), "orders.json").json()
    begin(api, run["id"])
    tasks.run_import(run_id=run["id"], property_id=company.shop.pk)

    over = api.get(f"{run['id']}/").json()

    assert (over["status"], over["rows"], over["events"]) == ("succeeded", 3, 2)
    assert users(log) == ["ann", "cleo"]
    assert len(over["unread"][0]) <= 200


def test_field_that_no_answer_can_hold_is_refused_as_any_other(api: Api) -> None:
    run = api.upload().json()

    answer = api.client.patch(f"{api.base}{run['id']}/", '{"\\ud800": 1}', content_type="application/json")

    assert fields(answer) == ["?"]


def test_discarded_part_of_an_import_is_not_said_to_be_nothing(ada: Client, company: Company) -> None:
    upload(ada, company)
    FileImport.objects.update(status="failed")
    ImportWork.objects.update(state={"rows": 2, "events": 1})

    page = ada.post(f"{PAGE}{FileImport.objects.get().pk}/", {"do": "discard"}, follow=True)

    assert "The file is forgotten. What was imported stays." in page.content.decode()


def test_rows_that_are_left_out_are_progress_too(monkeypatch: pytest.MonkeyPatch, api: Api, company: Company) -> None:
    """Else an import of many would stand still for whoever looks, and be begun once more after five minutes."""
    monkeypatch.setattr("apps.ingestion.services.importing._ROWS_AT_ONCE", 10)
    saved: list[int] = []
    monkeypatch.setattr(file_imports, "_add", lambda _report, part: saved.append(part.rows))
    skipping = "events: [{when: {who: ann}, skip: nobody}]"
    run = api.upload(b"who,at\n" + b"ann,2026-05-01\n" * 35, own_mapping=skipping).json()
    begin(api, run["id"])

    tasks.run_import(run_id=run["id"], property_id=company.shop.pk)

    assert saved == [10, 20, 30, 35]


@pytest.mark.django_db(transaction=True)
def test_beginning_and_forgetting_at_one_moment_is_one_of_both(
    company: Company, log: MemoryLog, valkey: None, api: Api, asked: list[dict[str, int]]
) -> None:
    """They waited for each other for ever, and the database ended one of them."""
    for number in range(15):
        run = api.upload(TEXT.encode() + b"d%d,2026-05-03,1,\n" % number).json()
        with ThreadPoolExecutor(2) as hands:
            begun, gone = (
                hands.submit(_closing, api.begin, run["id"]),
                hands.submit(_closing, api.client.delete, f"{api.base}{run['id']}/"),
            )
        assert (begun.result(), gone.result()) in ((202, 409), (404, 204), (409, 204))


def _closing(ask: Any, of: Any) -> int:
    try:
        return int(ask(of).status_code)
    finally:
        connection.close()
