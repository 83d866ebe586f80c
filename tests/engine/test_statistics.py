"""Statistics that methods learn from: one result whichever way sizes have them counted, stored or merged."""

from collections import Counter

import numpy as np
import pytest

import attribution as engine
from attribution.statistics import Tally
from attribution.statistics.cells import CellCounter
from tests.engine.learning import NAMES, arrays


def drawn(people: int, seed: int = 0) -> list[engine.Path]:
    rng = np.random.default_rng(seed)
    return [
        engine.Path(tuple(rng.choice(NAMES, rng.integers(0, 6)).tolist()), bool(rng.random() < 0.3), f"p{seed}-{nth}")
        for nth in range(people)
    ]


@pytest.mark.parametrize("expected", [1, 1_000])
@pytest.mark.parametrize("most", [1, 3])
def test_cells_are_counted_alike_by_table_and_by_sorting(expected: int, most: int) -> None:
    rng = np.random.default_rng(most)
    cells, counts = rng.integers(0, 50, 200), rng.integers(0, most + 1, 200)
    wanted: Counter[int] = Counter()
    for cell, count in zip(cells.tolist(), counts.tolist(), strict=True):
        wanted[cell] += count
    counter = CellCounter(50, expected=expected)
    for part in (slice(0, 80), slice(80, 200)):
        counter.add(cells[part], counts[part])

    found, sums = counter.found()

    assert dict(zip(found.tolist(), sums.tolist(), strict=True)) == {one: n for one, n in wanted.items() if n}
    assert found.tolist() == sorted(found.tolist())


@pytest.mark.parametrize("groups", [1, 512])
@pytest.mark.parametrize("order", [1, 2])
def test_transitions_of_equal_paths_in_one_row_are_those_of_single_rows(groups: int, order: int) -> None:
    found = drawn(60)
    single = arrays(found, groups)
    twice = engine.PathArrays(
        single.offsets, single.channels, single.channel_names, 2 * single.conversions, 2 * single.nulls, single.groups,
        groups,
    )  # fmt: skip

    counted = engine.TransitionCounts.of(twice, order)

    assert counted.data_hash == engine.TransitionCounts.of(arrays(found + found, groups), order).data_hash


def test_a_table_of_most_cells_and_a_list_of_few_merge_to_the_same() -> None:
    """Many old people fill a table, few new ones a list; the other way about it is the same sum."""
    old, new = drawn(400), drawn(3, seed=1)
    parts = [engine.CoalitionCounts.of(arrays(part)) for part in (old, new)]
    assert [part.not_converting.known is None for part in parts] == [True, False]
    whole = engine.CoalitionCounts.of(arrays(old + new)).data_hash

    assert parts[0].merged(parts[1]).data_hash == parts[1].merged(parts[0]).data_hash == whole


def test_counts_beyond_four_bytes_are_exact() -> None:
    most = 2**31 - 1
    full = Tally.of(np.zeros(1, int), np.zeros(1, int), np.array([most]), n_rows=1, n_groups=1)
    assert full.numbers.dtype == np.int32

    merged = full.merged(full, rows=None, other_rows=None, n_rows=1)

    assert merged.counts.tolist() == merged.totals.tolist() == [2 * most]


def test_sets_come_in_the_order_of_their_codes() -> None:
    counts = engine.CoalitionCounts.of(arrays(drawn(500)))

    assert list(counts.coalitions) == sorted(set(counts.coalitions))
    assert len(counts.coalitions) == 2 ** len(NAMES)


def test_k_grams_that_cannot_be_told_apart_by_group_are_refused() -> None:
    """Cells are histories, what followed, and groups of people: their number must fit in 64 bits."""
    paths = arrays([engine.Path((f"c{nth}",), converted=True) for nth in range(4_000)], 512)

    with pytest.raises(engine.BadArraysError, match="too many"):
        engine.TransitionCounts.of(paths, 4)
