"""A discard is taken back: the events wait again as they were, who did it is known (R9); releases take turns."""

import re
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.compliance.api import Consent
from apps.ingestion import finding, wiring
from apps.ingestion import services as ingestion
from apps.ingestion.domain import consents
from apps.quality import services, tasks
from apps.quality.models import Release
from apps.shared import clickhouse
from tests.factories.company import Company
from tests.quality.conftest import everything
from tests.quality.test_quarantine import _payload, account, ends, release

pytestmark = pytest.mark.stores


def test_discard_is_taken_back_replayed_and_counts_once(
    company: Company, send: Any, write: Any, expect: Any, stored: Any, kept: Any
) -> None:
    row = expect("not_null", "properties.colour")
    send({"messageId": "m"}, {"messageId": "other"})
    write()
    release(company, "discard", note="by mistake", message_ids=("m",))

    run = release(company, "restore")

    assert (run.total, run.done, kept()["m"].state, kept()["other"].state) == (1, 1, "waiting", "waiting")
    assert ends(company, "m")[-2:] == [("discarded", "discarded"), ("restored", "restored")]
    last = finding.find_event(company.shop.pk, message_id="m").outcomes[-1]
    assert f"Release {run.pk} by ada" in last.detail
    assert account(company) == {"received": 2, "waiting": 2}
    services.archive_expectation(property_id=company.shop.pk, expectation_id=row.pk, made_by=company.ada)
    release(company)
    write()
    assert set(stored()) == {"m", "other"}
    assert account(company) == {"received": 2, "stored": 2}


def test_story_has_one_way_of_what_was_received_once(company: Company, send: Any, write: Any, expect: Any) -> None:
    expect("not_null", "properties.colour")
    send({"messageId": "m"})
    write()
    release(company, "discard", note="by mistake")
    release(company, "restore")

    page = company.client_of(company.ada).get("/o/fernweh/p/shop/events/?message_id=m").content.decode()

    came = ["happened", "received", "logged"]
    assert re.findall(r'data-stage="(\w+)"', page) == [*came, "quarantined", "discarded", "restored"]


def test_what_is_not_discarded_cannot_be_taken_back(company: Company, send: Any, write: Any, expect: Any) -> None:
    expect("not_null", "properties.colour")
    send({"messageId": "m"})
    write()

    with pytest.raises(services.NothingWaits):
        release(company, "restore")


def test_whoever_refused_is_not_taken_back(
    company: Company, send: Any, write: Any, expect: Any, kept: Any, settings: Any
) -> None:
    """R8: nobody brings back what was left out because its person refused."""
    expect("not_null", "properties.colour")
    send({"messageId": "m", "context": {"consent": {"status": "granted"}}})
    write()
    keys = consents.keys_of(_payload("ann"), property_id=company.shop.pk, secret=settings.SECRET_KEY.encode())
    ingestion.keep_consents(company.shop.pk, dict.fromkeys(keys, Consent.DENIED))
    wiring._remembers_consent().forget()
    release(company)

    with pytest.raises(services.NothingWaits):
        release(company, "restore")
    assert kept()["m"].state == "discarded"


def test_release_is_taken_back_on_its_page_by_who_may_release(
    company: Company, send: Any, write: Any, expect: Any, kept: Any, monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    monkeypatch.setattr(tasks.run_release, "apply_async", lambda kwargs: tasks.run_release(**kwargs))
    expect("not_null", "properties.colour")
    send({"messageId": "first"}, {"messageId": "second"})
    write()
    release(company, "discard", note="an earlier one", message_ids=("second",))
    run = release(company, "discard", note="a mistake", state="waiting")
    page = f"/o/fernweh/p/shop/quality/releases/{run.pk}/"
    ada, mallory = Client(), Client()
    ada.force_login(company.ada)
    mallory.force_login(company.mallory)

    assert "take-back" in ada.get(page).content.decode()
    assert mallory.post(f"{page}take-back/").status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        answer = ada.post(f"{page}take-back/")

    assert answer.status_code == 302
    assert (kept()["first"].state, kept()["second"].state) == ("waiting", "discarded")
    assert Release.objects.get(kind="restore").done == 1
    again = ada.post(f"{page}take-back/", follow=True)
    assert "Nothing that it discarded is discarded still." in again.content.decode()


@pytest.mark.django_db(transaction=True)
def test_replay_and_discard_at_once_leave_each_event_one_end(
    company: Company, send: Any, write: Any, expect: Any, stored: Any, kept: Any
) -> None:
    """R9: two people who act on the same events at the same moment."""
    row = expect("not_null", "properties.colour")
    send(*({"messageId": f"m{number}"} for number in range(1200)))
    write()
    services.archive_expectation(property_id=company.shop.pk, expectation_id=row.pk, made_by=company.ada)
    runs = [
        services.ask_release(
            property_id=company.shop.pk, kind=kind, selection=everything(), fix=None, note="x", asked_by=company.ada,
            now=timezone.now(),
        )
        for kind in ("replay", "discard", "discard", "replay")
    ]  # fmt: skip

    def work(run: Release) -> None:
        try:
            services.run_release(property_id=company.shop.pk, release_id=run.pk, clock=timezone.now)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    write()

    sql = """
        SELECT message_id FROM outcomes WHERE property_id = {property_id:UInt64}
            AND outcome IN ('replayed', 'discarded') GROUP BY message_id HAVING count() != 1
    """
    assert clickhouse.select(sql, str, property_id=company.shop.pk) == []
    assert sum(Release.objects.values_list("done", flat=True)) == 1200
    found = account(company)
    assert found["received"] == 1200 == found.get("stored", 0) + found.get("discarded", 0)
    assert len(stored()) == found.get("stored", 0)
