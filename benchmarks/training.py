"""Data-driven methods trained on a million stored journeys and a million people who did not convert."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

import attribution as engine
from apps.attribution import queries
from apps.attribution.adapters import clickhouse_statistics as statistics
from apps.attribution.adapters import clickhouse_weights as weights
from apps.attribution.models import TrainingRun
from apps.attribution.training_sql import Material
from apps.shared import clickhouse
from benchmarks.attribution import PERIOD, stored_journeys
from benchmarks.rows import Row, row, seconds_of

_OTHERS = 1_000_000
_BLOCKS = 4
_DRAWING = 1

# People who did not convert: shorter histories over the same days. Those who did touched what their journeys say.
_MAKE_OTHERS = """
INSERT INTO histories (property_id, version, person_id, touched_ms, touch_kinds, touch_channels)
WITH
    ['Direct', 'Email', 'Paid Search', 'Organic Search', 'Paid Social', 'Display', 'Referral', 'Affiliates'] AS names,
    toUInt32(1 + least(60, floor(log((1 + cityHash64(number, 9) % 999983) / 999984) / log(1 - 1 / 3.0)))) AS size
SELECT
    {property_id:UInt64}, {drawing:UInt64}, 10000000 + number,
    arraySort(arrayMap(nth -> toInt64(1767225600000 + cityHash64(number, nth, 6) % 10368000000), range(size))),
    arrayMap(nth -> ['view', 'visit', 'click'][1 + cityHash64(number, nth, 7) % 3], range(size)),
    arrayMap(nth -> names[1 + cityHash64(number, nth, 8) % 8], range(size))
FROM numbers({first:UInt64}, {size:UInt64})
"""
_MAKE_CONVERTED = """
INSERT INTO histories (property_id, version, person_id, touched_ms, touch_kinds, touch_channels)
SELECT property_id, {drawing:UInt64}, person_id,
    arrayMap(age -> toUnixTimestamp64Milli(converted_at) - toInt64(age), touch_ages_ms), touch_kinds, touch_channels
FROM journeys WHERE property_id = {property_id:UInt64}
"""


def run() -> list[Row]:
    """Make the people, train every method and look at what it credits, and leave nothing."""
    with stored_journeys("bench-training") as (property_id, goal_id):
        size = _OTHERS // _BLOCKS
        for block in range(_BLOCKS):
            clickhouse.command(_MAKE_OTHERS, property_id=property_id, drawing=_DRAWING, first=block * size, size=size)
        clickhouse.command(_MAKE_CONVERTED, property_id=property_id, drawing=_DRAWING)
        return _measure(property_id, goal_id)


def _measure(property_id: int, goal_id: int) -> list[Row]:
    material = Material(goal_id, 1, False, *PERIOD, engine.Lookbacks(), drawing=_DRAWING)  # noqa: FBT003
    note = f"1,000,000 journeys and {_OTHERS:,} people without conversion, 8 channels"
    rows = []
    for order in range(1, 5):
        count = _timed(lambda order=order: statistics.transition_counts(property_id, material, order=order))  # type: ignore[misc]
        rows.append(row(f"training: transitions of order {order} by SQL", count, "s", "", note))
    count = _timed(lambda: statistics.coalition_counts(property_id, material))
    rows.append(row("training: coalitions by SQL", count, "s", "", note))
    methods: tuple[tuple[str, str, str, Callable[[], Any]], ...] = (
        ("markov", "Markov 1", "< 2", lambda: statistics.transition_counts(property_id, material, order=1)),
        ("markov", "Markov 2", "", lambda: statistics.transition_counts(property_id, material, order=2)),
        ("shapley", "Shapley", "< 2", lambda: statistics.coalition_counts(property_id, material)),
        ("incremental", "incremental, a sample of people", "< 60", lambda: _features(property_id, material)),
    )
    for method, title, asked, statistic in methods:
        taken = _timed(lambda method=method, statistic=statistic: _train(property_id, material, method, statistic))  # type: ignore[misc]
        what = f"training: {title} with 200 replicates, written and shown"
        rows.append(row(what, taken, "s", asked, f"{note}, median of 3"))
    return rows


def _features(property_id: int, material: Material) -> list[engine.FeatureBlock]:
    kept = statistics.sampled_parts(property_id, material)
    people = statistics.watched_people(property_id, material, kept=kept)
    return [engine.feature_block(people, "time"), engine.feature_block(people, "visit")]


def _train(property_id: int, material: Material, method: str, statistic: Callable[[], Any]) -> None:
    """Count, fit, write and show, as a training and the first look at its report do; a refusal is an answer, too."""
    now = timezone.now()
    try:
        fit = engine.LEARNED[method].fit(statistic())
    except engine.CannotTellError:
        return
    run = TrainingRun.objects.create(
        property_id=property_id, goal_id=material.goal_id, goal_version=1, method=method, window_from=PERIOD[0],
        window_to=PERIOD[1], status=TrainingRun.Status.SUCCEEDED, asked_at=now, fit=fit.to_dict(),
    )  # fmt: skip
    weights.write(property_id, run.pk, fit, material, now=now)
    queries.credit_by(property_id, goal_id=material.goal_id, period=PERIOD, method=method)


def _timed(work: Callable[[], object]) -> float:
    return round(seconds_of(work, times=3)[0], 3)
