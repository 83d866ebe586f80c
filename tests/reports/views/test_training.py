"""Training on the pages: who may begin and end one, what it shows, and what a method without a fit says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.attribution import api as attribution
from apps.attribution import tasks
from apps.attribution.models import TrainingRun
from apps.orgs.models import Membership, Role
from tests.factories.company import Company
from tests.reports.conftest import build, event, sale, store
from tests.reports.views.test_reports import BASE, page, table, words

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def crowd(world: Company) -> Company:
    """The world of three sales, and people of two channels of whom one in three buys."""
    shop, noon = world.shop.pk, (datetime.now(UTC) - 2 * DAY).replace(hour=9, minute=0, microsecond=0)
    mail = {"channel": "Email", "source": "newsletter", "medium": "email", "has_source": True}
    search = {"channel": "Paid Search", "source": "google", "medium": "cpc", "has_source": True}
    rows = []
    for number in range(100, 160):
        facts: dict[str, Any] = mail if number % 2 else search
        rows.append(event(shop, f"visit-{number}", noon - number * HOUR / 10, anonymous_id=f"v{number}", **facts))
        if number % 3 == 0:
            rows.append(sale(shop, number, noon))
    store(rows)
    build(world.shop)
    return world


@pytest.fixture
def client(crowd: Company) -> Client:
    """Grace's browser: she is an analyst."""
    return crowd.client_of(crowd.grace)


def _goal(company: Company) -> int:
    return attribution.goals(company.shop.pk)[0].id


def _train(company: Company, method: str) -> TrainingRun:
    window = (datetime.now(UTC) - 30 * DAY, datetime.now(UTC) + DAY)
    run = attribution.ask_training(
        property_id=company.shop.pk, goal_id=_goal(company), method=method, window=window, asked_by=company.ada,
        now=timezone.now(),
    )  # fmt: skip
    return attribution.train_method(training_id=run.pk, clock=timezone.now)


def test_trained_method_stands_in_every_report_with_its_intervals(crowd: Company, client: Client) -> None:
    run = _train(crowd, "markov")

    overview = words(page(client, "?method=markov"))
    methods = words(page(client, "methods/"))
    detail = words(page(client, f"training/{run.pk}/"))
    journey = words(page(client, "conversions/sale-1/?method=markov"))

    assert "Trained on" in overview
    assert "The fit weighs Email" in journey
    for text in (methods, detail):
        assert "Markov chain" in text
        assert "Paid Search" in text
    assert "Fingerprint of the data" in detail
    assert {row[1] for row in table(client, "methods")[1:]} >= {"markov", "linear"}
    assert "shapley" not in {row[1] for row in table(client, "methods")[1:]}
    by_channel = table(client, "breakdown", "?method=markov")[1:]
    assert sum(float(row[1]) for row in by_channel) == pytest.approx(22)


@pytest.mark.parametrize("address", ["", "conversions/", "conversions/sale-1/"])
def test_method_without_a_fit_invites_to_train_it(client: Client, address: str) -> None:
    text = words(page(client, f"{address}?method=shapley"))

    assert "Shapley value has not been trained yet" in text
    assert "Train it" in text


def test_file_of_a_method_without_a_fit_says_so(client: Client) -> None:
    answer = client.get(f"{BASE}tables/breakdown.csv?method=shapley")

    assert (answer.status_code, answer.content.decode()) == (409, "This method has not been trained yet.")


def test_started_training_runs_and_can_be_canceled(
    crowd: Company, client: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(tasks.train_method, "apply_async", lambda kwargs: asked.append(kwargs["training_id"]))

    with django_capture_on_commit_callbacks(execute=True):
        client.post(BASE + "training/start/", {"goal": _goal(crowd), "method": "all"})
    runs = list(TrainingRun.objects.order_by("pk"))
    waiting = page(client, "training/")
    client.post(f"{BASE}training/{runs[0].pk}/cancel/")

    assert asked == [run.pk for run in runs]
    assert [run.method for run in runs] == ["markov", "shapley", "incremental"]
    assert "every 3s" in waiting
    assert words(waiting).count("Cancel") == 3
    assert [run.status for run in TrainingRun.objects.order_by("pk")] == ["canceled", "queued", "queued"]
    assert "is being trained already" in words(
        client.post(BASE + "training/start/", {"goal": _goal(crowd), "method": "shapley"}, follow=True).content.decode()
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "linear"},
        {"method": "markov", "order": "9"},
        {"method": "markov", "from": "yesterday", "to": "2026-01-01"},
        {"method": "markov", "from": "2026-02-01", "to": "2026-01-01"},
        {"method": "markov", "from": "0001-01-01", "to": "9999-12-31"},
    ],
)
def test_what_cannot_be_trained_is_said(crowd: Company, client: Client, wrong: dict[str, str]) -> None:
    answer = client.post(BASE + "training/start/", {"goal": _goal(crowd), **wrong}, follow=True)

    assert "Check the method, its options and the dates" in words(answer.content.decode())
    assert not TrainingRun.objects.exists()


def test_viewer_looks_and_does_not_train(crowd: Company, client: Client) -> None:
    Membership.objects.filter(user=crowd.grace).update(role=Role.VIEWER)
    run = _train(crowd, "markov")

    assert client.post(BASE + "training/start/", {"goal": _goal(crowd), "method": "all"}).status_code == 403
    assert client.post(f"{BASE}training/{run.pk}/cancel/").status_code == 403
    assert client.post(f"{BASE}training/{run.pk}/seen/").status_code == 403
    assert "Analysts, admins and owners can train" in words(page(client, "training/"))
    assert "Fingerprint of the data" in words(page(client, f"training/{run.pk}/"))


def test_refusal_is_said_in_plain_words(crowd: Company, client: Client) -> None:
    run = _train(crowd, "incremental")

    text = words(page(client, f"training/{run.pk}/"))

    assert "The data cannot tell" in text
    assert "Too few conversions came after a touchpoint" in text


def test_moved_shares_are_told_until_somebody_has_seen_them(crowd: Company, client: Client) -> None:
    run = _train(crowd, "markov")
    TrainingRun.objects.filter(pk=run.pk).update(moved=[["Email", 0.2, 0.7]])

    told = words(page(client))
    client.post(f"{BASE}training/{run.pk}/seen/")

    assert "Markov chain: shares moved more than their intervals" in told
    assert "Email 20.0% → 70.0%" in told
    assert "shares moved" not in words(page(client))


def test_fit_of_another_property_is_not_there(crowd: Company) -> None:
    run = _train(crowd, "markov")
    mallory = crowd.client_of(crowd.mallory)

    assert mallory.get(f"/o/cinder/p/shop/training/{run.pk}/").status_code == 404
    assert mallory.post(f"/o/cinder/p/shop/training/{run.pk}/cancel/").status_code == 404
    assert mallory.post(f"/o/cinder/p/shop/training/{run.pk}/seen/").status_code == 404
