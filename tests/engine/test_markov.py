"""Markov chains: exact removal effects, whatever the order, against brute force and the published definition."""

import csv
import os
from collections import Counter, defaultdict
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import attribution as engine
from attribution.methods.chain import removal_effects
from attribution.methods.sparse_chain import SparseChain
from benchmarks import peers
from tests.engine.learning import NAMES, arrays, markov, paths

ORDERS = st.sampled_from([1, 2, 3, 4])


def by_elimination(found: list[engine.Path], order: int, removed: str = "") -> Fraction:
    """Return the chance of conversion without a channel: fractions, state by state, nothing shared with the engine."""
    follows: dict[tuple[str, ...], Counter[tuple[str, ...] | bool]] = defaultdict(Counter)
    for path in found:
        state: tuple[str, ...] = ()
        for channel in path.channels:
            following = (*state, channel)[-order:]
            follows[state][following] += 1
            state = following
        follows[state][path.converted] += 1
    chances = {
        state: {to: Fraction(count, sum(counts.values())) for to, count in counts.items()}
        for state, counts in follows.items()
    }
    for state in [one for one in chances if one and removed in one]:
        chances[state] = {False: Fraction(1)}
    for state in [one for one in chances if one]:  # leave the start: every other state is replaced by where it leads
        own = chances.pop(state)
        back = own.pop(state, Fraction(0))
        for other in chances.values():
            through = other.pop(state, Fraction(0))
            for to, chance in own.items():
                other[to] = other.get(to, Fraction(0)) + through * chance / (1 - back)
    return chances[()].get(True, Fraction(0))


@given(paths(), ORDERS)
def test_removal_effects_equal_elimination_with_fractions(found: list[engine.Path], order: int) -> None:
    """R3: exact, of every order, for paths that loop."""
    whole = by_elimination(found, order)

    fit = markov(found, order)

    for one in fit.channels:
        assert one.weight == pytest.approx(float(1 - by_elimination(found, order, one.channel) / whole), abs=1e-9)
    assert sum(one.share for one in fit.channels) == pytest.approx(1, abs=1e-9)
    assert all(0 <= one.share <= 1 for one in fit.channels)


@given(paths(), ORDERS, st.randoms(use_true_random=False))
def test_order_of_rows_changes_no_bit(found: list[engine.Path], order: int, chance: Random) -> None:
    """R7."""
    shuffled = found.copy()
    chance.shuffle(shuffled)

    assert markov(shuffled, order, replicates=5) == markov(found, order, replicates=5)


@given(paths(), paths(), ORDERS)
def test_statistics_of_new_people_add_up_bit_for_bit(
    old: list[engine.Path], new: list[engine.Path], order: int
) -> None:
    """R7: an update equals a full computation."""
    apart = [engine.TransitionCounts.of(arrays(part), order) for part in (old, new)]
    whole = engine.TransitionCounts.of(arrays(old + new), order)

    merged = apart[0].merged(apart[1])

    assert merged.data_hash == whole.data_hash
    assert engine.fit_markov(merged, replicates=5) == engine.fit_markov(whole, replicates=5)


@given(paths(), st.permutations(NAMES), ORDERS)
def test_relabelling_channels_changes_no_effect(found: list[engine.Path], names: list[str], order: int) -> None:
    other = dict(zip(NAMES, names, strict=True))
    renamed = [engine.Path(tuple(other[one] for one in path.channels), path.converted, path.person) for path in found]

    before = {other[one.channel]: one.weight for one in markov(found, order).channels}

    assert {one.channel: one.weight for one in markov(renamed, order).channels} == pytest.approx(before, abs=1e-12)


@given(paths(), ORDERS)
def test_channel_that_never_appears_changes_nothing(found: list[engine.Path], order: int) -> None:
    plain = arrays(found)
    names = sorted([*plain.channel_names, "Never"])
    table = np.array([names.index(name) for name in plain.channel_names], dtype=np.int64)
    wider = engine.PathArrays(
        plain.offsets, table[plain.channels], names, plain.conversions, plain.nulls, plain.groups, plain.n_groups
    )

    fit = engine.fit_markov(engine.TransitionCounts.of(wider, order), replicates=0)

    shares = dict(fit.shares)
    assert shares.pop("Never") == 0
    assert shares == pytest.approx(dict(markov(found, order).shares), abs=1e-12)


def test_anderl_et_al_show_removal_by_hand() -> None:
    """
    A chain small enough for paper, by the definition of Anderl et al. (2016, IJRM 33(3), section 3).

    start goes to C1; C1 to C2 or, half of the time, nowhere; C2 to C3 or nowhere; C3 converts half of the time. All
    conversions pass every channel, so each removal loses everything and the shares are equal.
    """
    found = [
        engine.Path(("C1", "C2", "C3"), converted=True),
        engine.Path(("C1", "C2", "C3"), converted=False),
        engine.Path(("C1",), converted=False),
        engine.Path(("C1", "C2"), converted=False),
    ]

    fit = markov(found)

    assert [(one.weight, round(one.share, 12)) for one in fit.channels] == [(1.0, round(1 / 3, 12))] * 3


def test_a_conversion_after_a_repeated_channel_is_no_lesser() -> None:
    """Staying on a channel changes neither what comes after it nor what is lost without it."""
    short = [
        engine.Path(("A", "B"), converted=True),
        engine.Path(("A",), converted=False),
        engine.Path(("B",), converted=True),
    ]
    long = [
        engine.Path(("A", "A", "A", "B", "B"), converted=True),
        engine.Path(("A",), converted=False),
        engine.Path(("B",), converted=True),
    ]

    assert [one.weight for one in markov(short).channels] == pytest.approx([0.5, 1.0])
    assert [one.weight for one in markov(long).channels] == pytest.approx([0.5, 1.0])


def test_a_journey_of_ten_thousand_touches_is_solved() -> None:
    endless = [engine.Path(("A", "B") * 5_000, converted=True), engine.Path(("A",), converted=False)]

    assert dict(markov(endless, 2).shares) == pytest.approx({"A": 0.5, "B": 0.5})


def test_three_ways_to_solve_a_large_chain_agree() -> None:
    """Inverse, dense blocks and the transitions that occur: which is taken depends on size alone."""
    rng = np.random.default_rng(3)
    found = [
        engine.Path(tuple(f"c{code}" for code in rng.integers(0, 7, rng.geometric(0.2))), converted=bool(nth % 3))
        for nth in range(3_000)
    ]
    counts = engine.TransitionCounts.of(arrays(found), 3)
    weights = counts.tally.totals.astype(np.float64)
    chain = SparseChain(counts, weights)

    inverse, sparse = chain.effects_by_inverse(), chain.effects()

    assert sparse == pytest.approx(inverse, abs=1e-12)
    assert removal_effects(counts, weights[None, :])[0] == pytest.approx(inverse, abs=1e-12)


def test_small_data_in_many_groups_leave_no_row_without_occurrence() -> None:
    """Whether keys are sorted or every cell is looked at follows from sizes alone, and shows in no statistic."""
    found = [engine.Path(("A", "B"), converted=True, person="a"), engine.Path(("B",), converted=False, person="b")]

    sparse, dense = (engine.TransitionCounts.of(engine.PathArrays.of(found, groups), 3) for groups in (512, 1))

    assert len(sparse.nexts) == len(dense.nexts) == 5
    assert sparse.tally.counts.min() == 1


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("straight", [0.0, 0.9, 1.0])
def test_a_chain_over_its_transitions_equals_the_inverse(order: int, straight: float) -> None:
    """Whether paths wander, mostly follow one another, or are one long line each; the residual says how exactly."""
    rng = np.random.default_rng(order)
    found = []
    for nth in range(250):
        steps = rng.random(rng.geometric(0.08)) < straight
        codes = np.where(steps, np.arange(len(steps)) + nth, rng.integers(0, 9, len(steps))) % 9
        found.append(engine.Path(tuple(f"c{code}" for code in codes), converted=bool(nth % 3 == 0)))
    counts = engine.TransitionCounts.of(arrays(found), order)
    chain = SparseChain(counts, counts.tally.totals.astype(np.float64))

    assert chain.effects() == pytest.approx(chain.effects_by_inverse(), abs=1e-12)
    assert chain.residual <= 1e-14


@pytest.mark.parametrize("length", [1, 2, 3, 300])
def test_paths_in_a_straight_line_are_solved_to_the_end(length: int) -> None:
    """Nothing wears down along a line: corrections do not help, plain steps do."""
    codes = np.random.default_rng(0).permutation(length)
    line = engine.Path(tuple(f"c{code:03}" for code in codes), converted=True)
    counts = engine.TransitionCounts.of(arrays([line, replace(line, channels=line.channels[: length // 2])]), 2)
    chain = SparseChain(counts, counts.tally.totals.astype(np.float64))

    assert chain.effects() == pytest.approx(chain.effects_by_inverse(), abs=1e-12)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([], "no_conversions"),
        ([engine.Path(("A",), converted=False)], "no_conversions"),
        ([engine.Path((), converted=True)], "no_channels"),
        ([engine.Path((), converted=True), engine.Path(("A",), converted=False)], "no_conversions"),
        ([engine.Path((f"c{number}",), converted=True) for number in range(1_001)], "too_many_channels"),
    ],
)
def test_what_the_data_cannot_answer_is_refused_by_name(found: list[engine.Path], code: str) -> None:
    with pytest.raises(engine.CannotTellError) as refusal:
        markov(found)

    assert refusal.value.code == code


@pytest.mark.parametrize("order", [0, 5])
def test_orders_out_of_range_are_refused(order: int) -> None:
    with pytest.raises(engine.BadArraysError, match="order"):
        engine.TransitionCounts.of(arrays([engine.Path(("A",), converted=True)]), order)


REAL = Path(os.environ.get("TRIBUTARY_JOURNEYS") or Path(__file__).parents[3] / "shared" / "data" / "journeys.csv")


def public_paths() -> list[engine.Path]:
    """Return one path for each customer of the public set, up to the first conversion."""
    touches: dict[str, list[tuple[str, str, bool]]] = defaultdict(list)
    with REAL.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            touches[row["customer_id"]].append((row["time"], row["channel"], row["conversion"] == "1"))
    found = []
    for person, rows in touches.items():
        rows.sort()
        end = next((place for place, row in enumerate(rows) if row[2]), len(rows) - 1)
        found.append(engine.Path(tuple(row[1] for row in rows[: end + 1]), rows[end][2], person))
    return found


@pytest.mark.skipif(not peers.IS_INSTALLED, reason="ChannelAttribution is not installed: make peers")
@pytest.mark.skipif(not REAL.exists(), reason="journeys.csv is not there: name it in TRIBUTARY_JOURNEYS")
@pytest.mark.parametrize("order", [1, 2, 3])
def test_effects_agree_with_the_definition_of_channel_attribution(order: int) -> None:
    """Its transition matrix, removed and solved, gives our effects within 1e-9; its simulated ones come near."""
    found = arrays(public_paths())

    fit = engine.fit_markov(engine.TransitionCounts.of(found, order), replicates=0)

    assert [one.weight for one in fit.channels] == pytest.approx(peers.matrix_effects(found, order), abs=1e-9)
    simulated = peers.markov_conversions(found, order)
    assert [one.share * fit.conversions for one in fit.channels] == pytest.approx(
        [simulated[one.channel] for one in fit.channels], rel=0.05
    )
