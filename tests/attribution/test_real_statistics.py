"""Statistics of the public set, counted inside ClickHouse and by the engine; TRIBUTARY_JOURNEYS names the file."""

import csv
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import pytest

import attribution as engine
from apps.attribution.adapters import clickhouse_statistics
from apps.attribution.training_sql import Material
from apps.shared import clickhouse
from tests.attribution import brute_force
from tests.attribution.test_method_parity import GOAL, PROPERTY, REAL

pytestmark = [
    pytest.mark.usefixtures("clickhouse"),
    pytest.mark.skipif(not REAL.exists(), reason="journeys.csv is not there: name it in TRIBUTARY_JOURNEYS"),
]
WINDOW = (datetime(2018, 7, 1, tzinfo=UTC), datetime(2018, 9, 1, tzinfo=UTC))
LOOKBACKS = engine.Lookbacks(click=timedelta(days=30), view=timedelta(days=1))


def _histories() -> list[engine.History]:
    """Return what each customer of the set did; whoever converts does so with the touch that says it."""
    with REAL.open(encoding="utf-8") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: row["customer_id"])
    found = []
    for number, (_, own) in enumerate(groupby(rows, key=lambda row: row["customer_id"]), start=1):
        touched = [(row, datetime.fromisoformat(row["time"])) for row in own]
        points = tuple(
            engine.Touchpoint(f"{number}-{place}", engine.TouchKind.CLICK, at, at, row["channel"])
            for place, (row, at) in enumerate(touched)
        )
        conversions = tuple(at for row, at in touched if row["conversion"] == "1")
        found.append(engine.History(str(number), points, conversions, *WINDOW))
    return found


def _store(histories: list[engine.History]) -> None:
    """Write the rows that a build and a drawing would."""
    people, sales = [], []
    for one in histories:
        touches = engine.in_touch_order(one.touchpoints)
        people.append((PROPERTY, 1, int(one.person), *_arrays(touches, None)))
        for place, at in enumerate(one.conversions):
            before = [touch for touch in touches if touch.touched_at <= at]
            sales.append((PROPERTY, GOAL, 1, f"{one.person}-{place}", True, int(one.person), at, *_arrays(before, at)))
    arrays = ("touch_kinds", "touch_channels")
    _insert("histories", ("property_id", "version", "person_id", "touched_ms", *arrays), people)
    named = ("property_id", "goal_id", "goal_version", "conversion_id", "is_counted", "person_id", "converted_at")
    _insert("journeys", (*named, "touch_ages_ms", *arrays), sales)


def _arrays(touches: list[engine.Touchpoint], at: datetime | None) -> tuple[list[Any], list[Any], list[Any]]:
    instants = [engine.milliseconds(one.touched_at) for one in touches]
    ages = instants if at is None else [engine.milliseconds(at) - instant for instant in instants]
    return ages, [one.kind.value for one in touches], [one.channel for one in touches]


def _insert(table: str, names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    clickhouse.insert(table, dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def test_public_set_reduces_to_the_engines_statistics_and_people() -> None:
    histories = _histories()
    _store(histories)
    material = Material(
        GOAL, 1, is_once=False, window_from=WINDOW[0], window_to=WINDOW[1], lookbacks=LOOKBACKS, drawing=1
    )
    paths = engine.PathArrays.of([path for one in histories for path in engine.paths_of(one, LOOKBACKS)])

    assert paths.conversions.sum() > 1000
    for order in (1, 2, 3, 4):
        found = clickhouse_statistics.transition_counts(PROPERTY, material, order=order)
        wanted = engine.TransitionCounts.of(brute_force.dealt(paths, found.tally.n_groups), order)
        assert found.data_hash == wanted.data_hash
    assert (
        clickhouse_statistics.coalition_counts(PROPERTY, material).data_hash
        == engine.CoalitionCounts.of(paths).data_hash
    )
    people = clickhouse_statistics.watched_people(PROPERTY, material, kept=clickhouse_statistics.ALL)
    blocks = [
        engine.feature_block(one, "time")
        for one in (people, engine.HistoryArrays.of(histories, versions=[(0, LOOKBACKS)]))
    ]
    assert blocks[0].data_hash == blocks[1].data_hash
