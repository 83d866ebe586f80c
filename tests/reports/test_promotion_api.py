"""The API about promotions does what the page does: new versions, and a way back (R5, R10)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.attribution.models import Promotion, RulesVersion, TrainingRun
from apps.orgs.models import PropertySettings
from tests.factories.company import Company


@pytest.fixture
def base(world: Company) -> str:
    """The beginning of every address about what-if of the shop."""
    return f"/api/v1/properties/{world.shop.pk}/what-if/"


def query(**tried: str) -> str:
    today = datetime.now(UTC).date()
    more = "".join(f"&{name}={value}" for name, value in tried.items())
    return f"?from={today - timedelta(days=5)}&to={today}{more}"


def seen(client: Client, base: str) -> str:
    return str(client.get(base + query()).json()["seen"])


def promote(client: Client, base: str, asked: str, **body: Any) -> Any:
    return client.post(f"{base}promotions/{asked}", body, content_type="application/json")


def test_what_was_tried_becomes_the_rules_and_can_be_taken_back(world: Company, base: str, valkey: None) -> None:
    ada = world.client_of(world.ada)
    asked = query(method="linear", click="168", overrides='[{"source": "google", "click": 24}]')
    tried = ada.get(base + asked).json()

    made = promote(ada, base, asked, seen=tried["seen"], note="because", covers_past=True)

    assert made.status_code == 201, made.content
    said = made.json()
    assert sorted(said["changed"]) == ["click_lookback", "method", "overrides"]
    before, after = (
        side | {"definition": None} for side in (tried["before"], tried["after"])
    )  # of no goal was one kept
    assert (said["after"], said["before"]) == (after, before)
    assert (said["note"], said["made_by"], said["covers_past"]) == ("because", world.ada.email, True)
    now = ada.get(base + query()).json()
    assert now["before"] == tried["after"]
    figures = {row["key"]: row["after"] for row in tried["rows"]}
    assert {row["key"]: row["before"] for row in now["rows"]} == figures
    assert PropertySettings.objects.filter(property=world.shop).first().default_method == "linear"  # type: ignore[union-attr]
    assert RulesVersion.objects.get().applies_from is None

    undone = ada.post(f"{base}promotions/{said['number']}/undo/")

    assert undone.status_code == 201, undone.content
    assert (undone.json()["undoes"], undone.json()["after"]) == (said["number"], before)
    assert ada.get(base + query()).json()["before"] == tried["before"]
    listed = ada.get(f"{base}promotions/").json()
    assert [(one["number"], one["undone_by"]) for one in listed] == [(2, None), (1, 2)]
    assert ada.post(f"{base}promotions/{said['number']}/undo/").status_code == 404


def test_whoever_looked_at_other_rules_changes_nothing(world: Company, base: str, valkey: None) -> None:
    ada = world.client_of(world.ada)
    before = seen(ada, base)
    promote(ada, base, query(method="linear"), seen=before)

    late = promote(ada, base, query(method="first_touch"), seen=before)

    assert (late.status_code, late.json()["code"]) == (409, "moved_on")
    assert Promotion.objects.count() == 1
    same = promote(ada, base, query(), seen=seen(ada, base))
    assert (same.status_code, same.json()["code"]) == (409, "nothing_to_promote")


def test_method_that_was_trained_for_it_is_trained_for_everybody(world: Company, base: str, valkey: None) -> None:
    ada = world.client_of(world.ada)

    made = promote(ada, base, query(method="markov", retrain='{"order": 2}'), seen=seen(ada, base))

    assert made.status_code == 201, made.content
    run = TrainingRun.objects.get()
    assert (run.method, run.parameters, run.asked_by) == ("markov", {"order": 2}, world.ada)


@pytest.mark.parametrize("body", [{}, {"seen": "x" * 65}, {"seen": "x", "note": "n" * 201}])
def test_incomplete_promotion_is_told_which_field(world: Company, base: str, body: dict[str, Any]) -> None:
    answer = promote(world.client_of(world.ada), base, query(method="linear"), **body)

    assert answer.status_code == 400
    assert not Promotion.objects.exists()


def test_readers_promote_nothing(world: Company, base: str) -> None:
    """R5: an analyst sees what was promoted; the settings are changed by those who may."""
    grace = world.client_of(world.grace)

    refused = promote(grace, base, query(method="linear"), seen=seen(grace, base))

    assert refused.status_code == 403
    assert grace.post(f"{base}promotions/1/undo/").status_code == 403
    assert grace.get(f"{base}promotions/").json() == []
    assert not Promotion.objects.exists()
