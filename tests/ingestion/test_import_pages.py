"""Files on a page: looked at first, imported by a task, and every row that was not understood told."""

import csv
import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.compliance.models import AuditEntry
from apps.ingestion import tasks
from apps.ingestion.domain import deliveries
from apps.ingestion.domain.ports import LogUnavailable
from apps.ingestion.models import FileImport, ImportWork
from apps.orgs.models import Membership
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog

PAGE = "/o/fernweh/p/shop/imports/"
OWN = "userId=who timestamp=at properties.value=paid in full\nevent='Order Paid' type='track'"
TEXT = "who,at,paid in full,note\nann,2026-05-01,1,x\nbob,yesterday,2,y\ncleo,2026-05-02,3,z\n"


@pytest.fixture
def ada(company: Company, log: MemoryLog, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The owner's browser; the log has room."""
    monkeypatch.setattr(log, "lag", lambda: 0, raising=False)
    return company.client_of(company.ada)


def upload(browser: Client, company: Company, content: bytes = TEXT.encode(), **said: str) -> Any:
    """Send a file with what is said about it."""
    fields = {"mapping": "own", "own_mapping": OWN, "stream": str(company.shop.streams.get().pk), **said}
    return browser.post(PAGE, {**fields, "file": SimpleUploadedFile(fields.pop("name", "orders.csv"), content)})


def users(log: MemoryLog) -> list[str]:
    """Return whose events are on the log."""
    items = [item for entry in log.entries.values() for item in deliveries.decode(entry.body).items]
    return [json.loads(item.payload)["userId"] for item in items]


def test_file_is_looked_at_before_anything_is_imported(ada: Client, company: Company, log: MemoryLog) -> None:
    answer = upload(ada, company)

    run = FileImport.objects.get()
    assertRedirects(answer, f"{PAGE}{run.pk}/")
    page = ada.get(f"{PAGE}{run.pk}/")
    assertContains(page, "&quot;userId&quot;: &quot;ann&quot;")
    assertContains(page, "bad_time")
    assertContains(page, "&quot;event&quot;: &quot;Order Paid&quot;")
    assertContains(page, "note")
    assert users(log) == []
    assert (run.status, run.size, run.made_by) == ("looked_at", len(TEXT), company.ada)


def test_report_says_in_russian_what_was_not_understood(ada: Client, company: Company) -> None:
    ada.cookies["django_language"] = "ru"
    upload(ada, company, TEXT.encode() + b"dora,2026-05-04,much,x\neve,2026-05-04\n")

    page = ada.get(f"{PAGE}{FileImport.objects.get().pk}/")

    assertContains(page, "&#x27;yesterday&#x27; — не время. Отправляйте ISO 8601")
    assertContains(page, "&#x27;much&#x27; — не число.")
    assertContains(page, "Строка оборвалась")


def test_file_that_cannot_be_read_says_why_in_russian(ada: Client, company: Company) -> None:
    ada.cookies["django_language"] = "ru"
    upload(ada, company, b"PAR1 and no more", name="orders.parquet")

    page = ada.get(f"{PAGE}{FileImport.objects.get().pk}/")

    assertContains(page, "orders.parquet — не файл Parquet, который можно прочитать")


def test_times_are_told_by_the_clock_of_the_property(ada: Client, company: Company) -> None:
    upload(ada, company)
    FileImport.objects.update(made_at=datetime(2026, 5, 1, 23, 30, tzinfo=UTC))
    company.shop.time_zone = "Asia/Tokyo"
    company.shop.save()

    for address in (PAGE, f"{PAGE}{FileImport.objects.get().pk}/"):
        assertContains(ada.get(address), 'datetime="2026-05-02T08:30:00+09:00"')


def test_state_and_reasons_of_an_import_are_told_in_russian(ada: Client, company: Company) -> None:
    ada.cookies["django_language"] = "ru"
    upload(ada, company)
    run = FileImport.objects.get()
    for status, words in ((FileImport.Status.RUNNING, "идёт"), (FileImport.Status.FAILED, "не удалось")):
        FileImport.objects.update(status=status)
        assertContains(ada.get(PAGE), words)
    FileImport.objects.update(status=FileImport.Status.LOOKED_AT)
    ada.post(f"{PAGE}{run.pk}/", {"do": "import"})
    tasks.run_import(run_id=run.pk, property_id=company.shop.pk)

    assertContains(ada.get(f"{PAGE}{run.pk}/"), "Его время не читается. <code>bad_time</code>")


def test_file_of_which_nothing_is_understood_is_first_of_all_to_be_read_otherwise(
    ada: Client, company: Company
) -> None:
    upload(ada, company, b"who,at,paid in full\nann,never,1\nbob,yesterday,2\n")

    page = ada.get(f"{PAGE}{FileImport.objects.get().pk}/").content.decode()
    assert "None of the first rows becomes an event" in page
    buttons = re.findall(r'<button[^>]*class="([^"]*)"[^>]*value="(import|discard|read)"', page)
    is_first = {value: "primary" in classes for classes, value in buttons}
    assert is_first == {"read": True, "discard": False, "import": False}


def test_import_goes_on_the_log_and_tells_what_it_did_not_understand(
    ada: Client,
    company: Company,
    log: MemoryLog,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[dict[str, int]] = []
    monkeypatch.setattr(tasks.run_import, "apply_async", lambda **told: asked.append(told["kwargs"]))
    upload(ada, company, gzip.compress(TEXT.encode()))
    run = FileImport.objects.get()
    address = f"{PAGE}{run.pk}/"

    with django_capture_on_commit_callbacks(execute=True):
        assertRedirects(ada.post(address, {"do": "import"}), address)
    assertContains(ada.get(address), 'hx-trigger="every 2s"')
    tasks.run_import(**asked[0])
    assert ImportWork.objects.get().problem == ""
    tasks.run_import(**asked[0])  # a task that comes twice

    assert users(log) == ["ann", "cleo"]
    page = ada.get(address)
    assertContains(page, "imported")
    assertNotContains(page, "hx-trigger")
    report = ada.get(f"{address}report.csv")
    (line,) = csv.DictReader(report.content.decode().splitlines())
    assert (line["row"], line["line"], line["reason"], line["field"]) == ("2", "3", "bad_time", "timestamp")
    assert "bob" not in report.content.decode()
    assert bytes(ImportWork.objects.get().content) == b""
    assert AuditEntry.objects.filter(subject="ingestion_fileimport", action="insert").exists()
    assertContains(ada.get(PAGE), "orders.csv")


def test_import_whose_worker_died_goes_on_where_it_was(
    ada: Client, company: Company, log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"p-{number},{'2026-05-01' if number % 100 else 'never'},1,n" for number in range(1200)]
    upload(ada, company, "\n".join(["who,at,paid in full,note", *rows]).encode())
    run = FileImport.objects.get()
    FileImport.objects.update(status="waiting")
    about = {"run_id": run.pk, "property_id": company.shop.pk}
    append, left = MemoryLog.append, [1]

    def fail_later(self: MemoryLog, body: bytes) -> str:
        if not left:
            raise LogUnavailable("full")
        left.pop()
        return append(self, body)

    monkeypatch.setattr(MemoryLog, "append", fail_later)
    with pytest.raises(LogUnavailable):
        tasks.run_import.apply(kwargs=about, throw=True, retries=tasks.run_import.max_retries)
    run.refresh_from_db()
    assert (run.status, 0 < run.work.state["rows"] < 1200) == ("running", True)
    monkeypatch.setattr(MemoryLog, "append", append)
    tasks.run_import(**about)

    run.refresh_from_db()
    work = ImportWork.objects.get()
    assert (run.status, work.state["rows"], work.state["events"]) == ("succeeded", 1200, 1188)
    assert sorted(users(log)) == sorted(f"p-{number}" for number in range(1200) if number % 100)
    assert len(work.report.splitlines()) == 13


def test_import_without_a_worker_is_asked_for_again(
    ada: Client, company: Company, log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(tasks, "request_import", lambda run_id, _property_id: asked.append(run_id))
    for name in ("lost.csv", "busy.csv", "new.csv"):
        upload(ada, company, name=name)
    lost, busy = FileImport.objects.get(name="lost.csv"), FileImport.objects.get(name="busy.csv")
    FileImport.objects.exclude(name="new.csv").update(status="running")
    ImportWork.objects.exclude(run=busy).update(seen_at=timezone.now() - timedelta(minutes=6))

    tasks.resume_imports()

    assert asked == [lost.pk]


def test_file_that_cannot_be_read_is_told_and_can_be_forgotten(ada: Client, company: Company) -> None:
    upload(ada, company, b"who;who;at\na;b;c\n")
    run = FileImport.objects.get()

    page = ada.get(f"{PAGE}{run.pk}/")
    assertContains(page, "twice")
    assertNotContains(page, 'value="import"')
    assertRedirects(ada.post(f"{PAGE}{run.pk}/", {"do": "discard"}), PAGE)
    assert not FileImport.objects.exists()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"own_mapping": "colour=a"}, "colour"),
        ({"own_mapping": " "}, "Say which column is which field."),
        ({"time_zone": "Nowhere/Here"}, "no such time zone"),
        ({"time_form": "%H:%M"}, "year, month and day"),
        ({"encoding": "klingon"}, "no such encoding"),
        ({"stream": "999999"}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(
    ada: Client, company: Company, said: dict[str, str], told: str
) -> None:
    assertContains(upload(ada, company, **said), told, status_code=422)
    assert not FileImport.objects.exists()


def test_file_is_read_otherwise_without_being_chosen_again(ada: Client, company: Company) -> None:
    upload(ada, company, b"who;at;paid\nann;01.05.2026;1,5\n", own_mapping="userId=who timestamp=at event='P'")
    run = FileImport.objects.get()
    address = f"{PAGE}{run.pk}/"
    filled_in = {
        "do": "read",
        "mapping": "own",
        "own_mapping": OWN.replace(" in full", ""),
        "stream": str(run.stream_id),
    }
    assertContains(ada.get(address), 'value="Europe/Berlin"', count=0)
    assertContains(ada.get(address), "userId=who timestamp=at event=&#x27;P&#x27;")

    said = {**filled_in, "time_form": "%d.%m.%Y", "time_zone": "Europe/Berlin", "has_decimal_comma": "on"}
    assertRedirects(ada.post(address, said), address)

    page = ada.get(address)
    assertContains(page, "2026-05-01T00:00:00+02:00")
    assertContains(page, 'value="Europe/Berlin"')
    assert FileImport.objects.get().status == "looked_at"


def test_reading_that_makes_no_sense_is_said_at_its_field_and_changes_nothing(ada: Client, company: Company) -> None:
    upload(ada, company)
    run = FileImport.objects.get()
    said = {"do": "read", "mapping": "own", "own_mapping": OWN, "stream": str(run.stream_id)}
    theirs = str(company.theirs.streams.get().pk)
    for wrong, told in (
        ({"time_zone": "Nowhere/Here"}, "no such time zone"),
        ({"own_mapping": ""}, "Say which column is which field."),
        ({"stream": theirs}, "Select a valid choice"),
    ):
        assertContains(ada.post(f"{PAGE}{run.pk}/", {**said, **wrong}), told, status_code=422)
    assert FileImport.objects.get().said == run.said


def test_import_that_was_begun_is_not_read_otherwise(ada: Client, company: Company) -> None:
    upload(ada, company)
    run = FileImport.objects.get()
    FileImport.objects.update(status=FileImport.Status.RUNNING)
    said = {"do": "read", "mapping": "journeys", "stream": str(run.stream_id)}

    page = ada.post(f"{PAGE}{run.pk}/", said, follow=True)

    assertContains(page, "This import was begun before.")
    assert FileImport.objects.get().said == run.said


def test_file_beyond_the_limit_is_refused(ada: Client, company: Company, settings: Any) -> None:
    settings.INGESTION_LARGEST_FILE = 10

    assertContains(upload(ada, company), "import_events", status_code=422)


def test_only_whoever_may_import_does(ada: Client, company: Company) -> None:
    upload(ada, company)
    address = f"{PAGE}{FileImport.objects.get().pk}/"
    Membership.objects.filter(user=company.grace).update(role="viewer")

    grace, mallory = company.client_of(company.grace), company.client_of(company.mallory)
    for path in (PAGE, address, f"{address}report.csv"):
        assert (grace.get(path).status_code, mallory.get(path).status_code) == (403, 404)
        assert (grace.post(path).status_code, mallory.post(path).status_code) == (403, 404)


def test_list_without_imports_says_so(ada: Client) -> None:
    assertContains(ada.get(PAGE), "Nothing was imported yet")
