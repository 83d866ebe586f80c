"""The engine's statistics, counted inside ClickHouse: only sums over groups of people leave it, and no journey."""

from typing import Any, Final, Literal

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
MOST_EVENTS: Final = 100_000
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
    return engine.TransitionCounts.from_rows(
        order, tuple(names), histories=histories, nexts=keys % (base + 1) - 2, groups=people, counts=counts,
        n_groups=groups,
    )  # fmt: skip


def coalition_counts(property_id: int, material: Material) -> engine.CoalitionCounts:
    """Return how many of the material's paths met which set of channels, and how many of them converted."""
    names = _names(property_id, training_sql.channel_names(material))
    groups = _groups(MOST_SETS, 1 << min(len(names), 40))
    asked = training_sql.coalitions(material, names, groups=groups)
    sets, *numbers = clickhouse.select_columns(
        asked.sql, property_id=property_id, limits=clickhouse.JOB, **asked.parameters
    ) or ((),) * 4
    people, converting, others = (np.array(column, dtype=np.int64) for column in numbers)
    return engine.CoalitionCounts.from_rows(
        tuple(names), coalitions=[[code - 1 for code in one] for one in sets], groups=people, converting=converting,
        not_converting=others, n_groups=groups,
    )  # fmt: skip


def sampled_parts(property_id: int, material: Material) -> int:
    """Return how many of 10,000 parts of the people the incremental method looks at: all, unless they are too many."""
    asked = training_sql.path_count(material)
    rows = clickhouse.select(asked.sql, _pair, property_id=property_id, limits=clickhouse.JOB, **asked.parameters)
    conversions = rows[0][0]
    return ALL if conversions <= MOST_EVENTS else max(1, ALL * MOST_EVENTS // conversions)


def feature_block(
    property_id: int, material: Material, family: Literal["time", "visit"], *, kept: int
) -> engine.FeatureBlock:
    """Return the features of *kept* of 10,000 parts of the people, each watched through the whole window."""
    found = _names(property_id, training_sql.feature_names(material, kept=kept))
    names = tuple(name for name in found if name != engine.DIRECT)
    groups = engine.GROUPS
    asked = training_sql.features(material, family, names, groups=groups, kept=kept)
    width = len(engine.KERNELS) + 1
    numbered, people, touchless, touches = _columns(property_id, asked.people, 4)
    exposure = np.zeros((groups, 1 + len(names) * width), dtype=np.int64)
    days = _units((material.window_to - material.window_from).total_seconds() / 86_400)
    counts = _spread(numbered, people, groups)
    exposure[:, 0] = counts * days if family == "time" else _spread(numbered, touches, groups) * _units(1.0)
    rows = _columns(property_id, asked.exposure, 2 + width)
    for place in range(width):
        exposure[rows[0], _column(rows[1] - 1, place, len(names))] = rows[2 + place]
    nth, dealt, delays, codes, *cells = _columns(property_id, asked.events, 4 + width)
    first = np.flatnonzero(np.diff(nth, prepend=0))
    values = np.zeros((len(first), exposure.shape[1]))
    values[:, 0] = 1.0
    known = codes > 0
    for place, sums in enumerate(cells):
        values[nth[known] - 1, _column(codes[known] - 1, place, len(names))] = sums[known] / _units(1.0)
    return engine.FeatureBlock(
        family=family,
        channel_names=names,
        kernels=engine.KERNELS,
        values=values,
        groups=dealt[first],
        delays_ms=delays[first],
        exposure=exposure,
        touchless_days=_spread(numbered, touchless, groups),
        people=counts,
    )


def _groups(most_cells: int, rows: int) -> int:
    return min(engine.GROUPS, max(FEWEST_GROUPS, most_cells // rows))


def _names(property_id: int, asked: Statement) -> list[str]:
    return clickhouse.select(asked.sql, list, property_id=property_id, limits=clickhouse.JOB, **asked.parameters)[0]


def _columns(property_id: int, asked: Statement, width: int) -> list[Integers]:
    found = clickhouse.select_columns(asked.sql, property_id=property_id, limits=clickhouse.JOB, **asked.parameters)
    return [np.array(column, dtype=np.int64) for column in found or [()] * width]


def _column(codes: Integers, place: int, channels: int) -> Integers:
    """Return the columns of a FeatureBlock that a kernel (or, after the last, the signal) of channels has."""
    kernels = len(engine.KERNELS)
    return 1 + (codes * kernels + place if place < kernels else channels * kernels + codes)


def _spread(numbered: Integers, values: Integers, groups: int) -> Integers:
    spread = np.zeros(groups, dtype=np.int64)
    spread[numbered] = values
    return spread


def _units(value: float) -> int:
    return round(value * 2**32)


def _pair(*values: Any) -> tuple[Any, ...]:
    return values
