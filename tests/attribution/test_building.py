"""Who may build, when, and what is told: one build at a time, requests that wait for each other, the command."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from apps.attribution import services, tasks
from apps.attribution.adapters import build_requests
from apps.attribution.models import BuildRun, Watermark
from apps.attribution.queries import freshness
from apps.ingestion.domain import arrivals
from tests.attribution import worlds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse", "valkey")]


@pytest.fixture
def other_process(property_id: int) -> Iterator[None]:
    """Hold the build's lock from another connection, as another process would."""
    other = connections["default"].copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [0x4A4F5552, property_id])
    yield
    other.close()


@pytest.mark.usefixtures("other_process")
def test_build_beside_another_is_refused(property_id: int) -> None:
    assert freshness(property_id).is_building
    with pytest.raises(services.BuildUnderWay):
        services.build_journeys(property_id=property_id, clock=timezone.now)
    assert not BuildRun.objects.filter(property_id=property_id).exists()


def test_arrivals_of_a_burst_ask_for_one_build(property_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []
    monkeypatch.setattr(tasks.build_journeys, "apply_async", lambda **call: asked.append(call))
    arrival = arrivals.Arrival(property_id, 5, 0, 0)

    for _ in range(20):
        arrivals.announce(arrival)

    assert asked == [{"kwargs": {"property_id": property_id}, "countdown": tasks.PAUSE}]
    build_requests.forget(property_id)
    arrivals.announce(arrival)
    assert len(asked) == 2


def test_next_build_waits_twice_as_long_as_the_last_one_took(property_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []
    monkeypatch.setattr(tasks.build_journeys, "apply_async", lambda **call: asked.append(call))
    tasks.build_journeys(property_id=property_id)
    run = BuildRun.objects.get(property_id=property_id)

    tasks.build_journeys(property_id=property_id)

    assert BuildRun.objects.get(property_id=property_id) == run
    (again,) = asked
    took = (run.finished_at - run.started_at).total_seconds() if run.finished_at else 0.0
    assert took < again["countdown"] < 5.0
    build_requests.rest_until(property_id, timezone.now(), seconds=1)
    tasks.build_journeys(property_id=property_id)
    assert BuildRun.objects.filter(property_id=property_id).count() == 2


def test_failed_build_is_recorded_and_the_next_one_catches_up(
    property_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.create_goal(property_id=property_id, made_by=None, name="Page", kind="page", event_name="")
    with monkeypatch.context() as broken:
        broken.setattr("apps.attribution.journey_sql.template", lambda _: "SELECT nonsense")
        with pytest.raises(Exception, match=r"nonsense|property_id"):
            services.build_journeys(property_id=property_id, clock=timezone.now)

    assert Watermark.objects.get(pk=property_id).error
    assert BuildRun.objects.get(property_id=property_id).error

    services.build_journeys(property_id=property_id, clock=timezone.now)
    assert Watermark.objects.get(pk=property_id).error == ""


def test_rebuild_command_counts_what_it_wrote(property_id: int) -> None:
    services.create_goal(property_id=property_id, made_by=None, name="Page", kind="page", event_name="")
    world = [one for one in worlds.random_world(worlds.random.Random(3), 60) if one.event.kind == "page"]
    worlds.store(property_id, world, timezone.now())
    out = StringIO()

    call_command("rebuild_journeys", property="engines/shop", stdout=out)
    call_command("rebuild_journeys", property="engines/shop", since="2026-01-01", stdout=out)

    assert out.getvalue().count(f"{len(world)} events, {len(world)} journeys written") == 2
    with pytest.raises(CommandError, match="no property"):
        call_command("rebuild_journeys", property="engines/nowhere")
