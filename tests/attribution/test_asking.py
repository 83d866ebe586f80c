"""Figures that are remembered are those that would be read: never older, never from the middle of a build."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from apps.attribution import api, services
from apps.attribution.models import Watermark
from apps.shared import clickhouse
from tests.attribution import worlds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse", "valkey")]
PERIOD = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


@pytest.fixture
def bounds(property_id: int) -> dict[str, Any]:
    """A property with journeys, and what a question about them says."""
    goal = services.create_goal(property_id=property_id, made_by=None, name="Sale", event_name="Order Completed")
    _arrive(property_id, "first")
    return {"goal_id": goal.pk, "period": PERIOD}


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that is put to ClickHouse."""
    put: list[str] = []
    select = clickhouse.select

    def noted(sql: str, *args: Any, **parameters: Any) -> Any:
        put.append(sql)
        return select(sql, *args, **parameters)

    monkeypatch.setattr(clickhouse, "select", noted)
    return put


def _arrive(property_id: int, seed: str) -> None:
    worlds.store(property_id, worlds.random_world(random.Random(seed), 200), timezone.now())
    services.build_journeys(property_id=property_id, clock=timezone.now)


def test_same_question_is_read_once(property_id: int, bounds: dict[str, Any], statements: list[str]) -> None:
    before = api.totals(property_id, **bounds)

    assert api.totals(property_id, **bounds) == before
    assert before.conversions > 0
    assert len(statements) == 1


def test_other_question_is_read_for_itself(property_id: int, bounds: dict[str, Any], statements: list[str]) -> None:
    linear = api.credit_by(property_id, method="linear", **bounds)

    assert api.credit_by(property_id, method="last_touch", **bounds) != linear
    assert len(statements) == 2


def test_build_that_changes_journeys_ends_what_was_kept(property_id: int, bounds: dict[str, Any]) -> None:
    before = api.totals(property_id, **bounds)

    _arrive(property_id, "second")

    assert api.totals(property_id, **bounds).conversions > before.conversions


def test_build_without_news_leaves_what_was_kept(
    property_id: int, bounds: dict[str, Any], statements: list[str]
) -> None:
    before = api.totals(property_id, **bounds)
    services.build_journeys(property_id=property_id, clock=timezone.now)
    statements.clear()

    assert api.totals(property_id, **bounds) == before
    assert not statements


def test_answer_from_the_middle_of_a_build_is_not_kept(
    property_id: int, bounds: dict[str, Any], statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write, seen = services.building.journeys.write_journeys, []

    def look_and_write(*args: Any, **options: Any) -> None:
        seen.append(api.totals(property_id, **bounds))
        write(*args, **options)

    with monkeypatch.context() as patched:
        patched.setattr(services.building.journeys, "write_journeys", look_and_write)
        _arrive(property_id, "second")
    statements.clear()

    assert api.totals(property_id, **bounds).conversions > seen[0].conversions
    assert len(statements) == 1


def test_answer_that_a_build_overtook_is_not_kept(
    property_id: int, bounds: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    select = clickhouse.select

    def overtaken(*args: Any, **parameters: Any) -> Any:
        found = select(*args, **parameters)
        monkeypatch.setattr(clickhouse, "select", select)
        _arrive(property_id, "second")
        return found

    monkeypatch.setattr(clickhouse, "select", overtaken)
    before = api.totals(property_id, **bounds)

    assert api.totals(property_id, **bounds).conversions > before.conversions


def test_questions_asked_together_have_the_answers_of_each(property_id: int, bounds: dict[str, Any]) -> None:
    every = [("linear", "channel"), ("last_touch", "source"), ("linear", "channel"), ("first_touch", "campaign")]
    alone = [api.credit_by(property_id, method=method, dimension=by, **bounds) for method, by in every]
    Watermark.objects.update(journeys_state=None)

    asked = [api.credit_by.asked(property_id, method=method, dimension=by, **bounds) for method, by in every]

    assert list(api.together(*asked)) == alone


def test_figures_without_a_cache_are_read(property_id: int, bounds: dict[str, Any], settings: Any) -> None:
    expected = api.totals(property_id, **bounds)
    away = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1"}
    settings.CACHES = {"default": away}

    assert api.totals(property_id, **bounds) == expected
