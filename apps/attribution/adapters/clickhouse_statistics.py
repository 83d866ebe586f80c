"""The engine's statistics, counted inside ClickHouse: only sums over groups of people leave it, and no journey."""

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import attribution as engine
from apps.attribution import training_sql
from apps.attribution.journey_sql import Statement
from apps.attribution.training_sql import Material
from apps.shared import clickhouse

Integers = NDArray[np.int64]
# A statistic with more cells than this takes longer to send than to count: then people are dealt into fewer groups.
MOST_CELLS: Final = 1 << 22
MOST_SETS: Final = 1 << 17
FEWEST_GROUPS: Final = 64
# The incremental method looks at conversions one by one; of more than these, at a sample of the people.
MOST_EVENTS: Final = 50_000
ALL: Final = 10_000  # parts that people are sampled in


def transition_counts(property_id: int, material: Material, *, order: int) -> engine.TransitionCounts:
    """Return the transitions of the material's paths."""
    names = _names(property_id, training_sql.channel_names(material))
    base = len(names) + 1
    groups = _groups(MOST_CELLS, base**order * (base + 1))
    asked = training_sql.transitions(material, names, order=order, groups=groups)
    keys, people, counts = _columns(property_id, asked, 3)
    grams = keys // (base + 1)
    histories = np.stack([grams // base**power % base - 1 for power in reversed(range(order))], axis=1)
    nexts = keys % (base + 1) - 2
    passed, places = _passed(names, nexts)
    return engine.TransitionCounts.from_rows(
        order, passed, histories=places[histories], nexts=np.where(nexts < 0, nexts, places[nexts]), groups=people,
        counts=counts, n_groups=groups,
    )  # fmt: skip


def coalition_counts(property_id: int, material: Material) -> engine.CoalitionCounts:
    """Return how many of the material's paths met which set of channels, and how many of them converted."""
    names = _names(property_id, training_sql.channel_names(material))
    groups = _groups(MOST_SETS, 1 << min(len(names), 40))
    if len(names) <= engine.MOST_LANES:
        return _of_masks(property_id, material, names, groups)
    asked = training_sql.coalitions(material, names, groups=groups)
    sets, *numbers = (
        clickhouse.select_columns(asked.sql, property_id=property_id, limits=clickhouse.JOB, **asked.parameters)
        or ((),) * 4
    )
    people, converting, others = (np.array(column, dtype=np.int64) for column in numbers)
    passed, places = _passed(names, _flat(sets) - 1)
    coalitions = [[int(places[code - 1]) for code in one] for one in sets]
    return engine.CoalitionCounts.from_rows(
        passed, coalitions=coalitions, groups=people, converting=converting, not_converting=others, n_groups=groups,
    )  # fmt: skip


def _of_masks(property_id: int, material: Material, names: Sequence[str], groups: int) -> engine.CoalitionCounts:
    asked = training_sql.coalition_masks(material, names, groups=groups)
    masks, people, converting, others = _columns(property_id, asked, 4)
    used = int(np.bitwise_or.reduce(masks)) if len(masks) else 0
    passed = [place for place in range(len(names)) if used >> place & 1]
    narrow = np.zeros_like(masks)
    for lane, place in enumerate(passed):
        narrow |= (masks >> place & 1) << lane
    return engine.CoalitionCounts.from_masks(
        tuple(names[place] for place in passed), masks=narrow, groups=people, converting=converting,
        not_converting=others, n_groups=groups,
    )  # fmt: skip


def sampled_parts(property_id: int, material: Material) -> int:
    """Return how many of 10,000 parts of the people the incremental method looks at: all, unless they are too many."""
    asked = training_sql.path_count(material)
    rows = clickhouse.select(asked.sql, _pair, property_id=property_id, limits=clickhouse.JOB, **asked.parameters)
    conversions = rows[0][0]
    return ALL if conversions <= MOST_EVENTS else max(1, ALL * MOST_EVENTS // conversions)


def watched_people(property_id: int, material: Material, *, kept: int) -> engine.HistoryArrays:
    """Return what *kept* of 10,000 parts of the people did in the window: numbers, in no order that names anybody."""
    names = _names(property_id, training_sql.watched_names(material, kept=kept))
    asked = training_sql.watched(material, names, groups=engine.GROUPS, kept=kept)
    groups, until, touched, codes, kinds, limits, converted = (
        clickhouse.select_columns(asked.sql, property_id=property_id, limits=clickhouse.JOB, **asked.parameters)
        or ((),) * 7
    )
    since = np.array([engine.milliseconds(one) for one, _ in material.overrides()], dtype=np.int64)
    return engine.HistoryArrays(
        touch_offsets=_offsets(touched),
        touched_at=_flat(touched),
        channels=_flat(codes) - 1,
        kinds=_flat(kinds),
        conversion_offsets=_offsets(converted),
        converted_at=_flat(converted),
        observed_from=np.full(len(groups), engine.milliseconds(material.window_from)),
        observed_until=np.array(until, dtype=np.int64),
        groups=np.array(groups, dtype=np.int64),
        channel_names=names,
        windows=engine.Windows(since, _flat(limits).reshape(-1, len(since)).T),
    )


def _passed(names: Sequence[str], codes: Integers) -> tuple[tuple[str, ...], Integers]:
    """Return the channels that paths pass, and their places by code; the last, which -1 finds, stays -1."""
    used = np.unique(codes[codes >= 0])
    places = np.full(len(names) + 1, -1)
    places[used] = np.arange(len(used))
    return tuple(names[code] for code in used), places


def _groups(most_cells: int, rows: int) -> int:
    return min(engine.GROUPS, max(FEWEST_GROUPS, 1 << (most_cells // rows).bit_length() >> 1))


def _names(property_id: int, asked: Statement) -> list[str]:
    return clickhouse.select(asked.sql, list, property_id=property_id, limits=clickhouse.JOB, **asked.parameters)[0]


def _columns(property_id: int, asked: Statement, width: int) -> list[Integers]:
    found = clickhouse.select_columns(asked.sql, property_id=property_id, limits=clickhouse.JOB, **asked.parameters)
    return [np.array(column, dtype=np.int64) for column in found or [()] * width]


def _offsets(rows: Sequence[Sequence[int]]) -> Integers:
    return np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)])


def _flat(rows: Sequence[Sequence[int]]) -> Integers:
    return np.fromiter(chain.from_iterable(rows), dtype=np.int64)


def _pair(*values: Any) -> tuple[Any, ...]:
    return values
