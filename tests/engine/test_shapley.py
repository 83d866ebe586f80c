"""Shapley values of the game of conversion rates, against brute force over all orders (R3, R7)."""

from itertools import permutations
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import attribution as engine
from tests.engine.learning import NAMES, arrays, paths, shapley

SMOOTHINGS = st.sampled_from([0.0, 1.0, 10.0])


def by_orders(found: list[engine.Path], smoothing: float) -> dict[str, float]:
    """Return the mean gain of each channel over all orders in which channels can come together."""
    players = sorted({channel for path in found for channel in path.channels})
    rate = sum(path.converted for path in found) / len(found)

    def worth(coalition: tuple[str, ...]) -> float:
        if not coalition:
            return 0.0
        within = [path.converted for path in found if set(path.channels) <= set(coalition)]
        total = len(within) + smoothing
        return (sum(within) + smoothing * rate) / total if total else rate

    orders = list(permutations(players))
    gains = dict.fromkeys(players, 0.0)
    for order in orders:
        for place, player in enumerate(order):
            gains[player] += (worth(order[: place + 1]) - worth(order[:place])) / len(orders)
    return gains


@given(paths(), SMOOTHINGS)
def test_values_equal_brute_force_over_all_orders(found: list[engine.Path], smoothing: float) -> None:
    """R3."""
    fit = shapley(found, smoothing=smoothing)

    assert {one.channel: one.weight for one in fit.channels} == pytest.approx(by_orders(found, smoothing), abs=1e-12)
    assert sum(one.share for one in fit.channels) == pytest.approx(1, abs=1e-9)
    assert all(0 <= one.share <= 1 for one in fit.channels)
    assert fit.quality["sampling_error"] == 0


@settings(max_examples=30)
@given(paths(), st.randoms(use_true_random=False), st.permutations(NAMES))
def test_order_of_rows_and_labels_changes_nothing(found: list[engine.Path], chance: Random, names: list[str]) -> None:
    """R7: rows to the bit."""
    shuffled = found.copy()
    chance.shuffle(shuffled)
    other = dict(zip(NAMES, names, strict=True))
    renamed = [engine.Path(tuple(other[one] for one in path.channels), path.converted, path.person) for path in found]
    before = shapley(found, replicates=5)

    assert shapley(shuffled, replicates=5) == before
    assert dict(shapley(renamed).shares) == pytest.approx(
        {other[name]: share for name, share in before.shares.items()}, abs=1e-12
    )


@settings(max_examples=30)
@given(paths(), paths())
def test_statistics_of_new_people_add_up_bit_for_bit(old: list[engine.Path], new: list[engine.Path]) -> None:
    """R7: an update equals a full computation."""
    merged = engine.CoalitionCounts.of(arrays(old)).merged(engine.CoalitionCounts.of(arrays(new)))

    assert merged.data_hash == engine.CoalitionCounts.of(arrays(old + new)).data_hash


def drawn(channels: int, people: int) -> list[engine.Path]:
    """Return paths over many channels, of which the first ten convert best."""
    rng = np.random.default_rng(4)
    found = []
    for nth in range(people):
        codes = rng.choice(channels, rng.integers(1, 5))
        chance = 0.1 + 0.1 * (codes < 10).sum()
        names = tuple(f"c{code:03}" for code in codes)
        found.append(engine.Path(names, converted=bool(rng.random() < chance), person=str(nth)))
    return found


def test_beyond_fourteen_channels_values_are_sampled_with_their_error() -> None:
    """Fourteen are exact, fifteen are drawn: a channel more that does nothing hardly moves the others."""
    found = drawn(14, 3_000)
    exact = shapley(found)
    more = [*found, engine.Path(("c999",), converted=False, person="x")]

    sampled = shapley(more, permutations=400)

    assert exact.parameters["permutations"] == 0
    assert 0 < sampled.quality["sampling_error"] < 0.02
    errors = [abs(sampled.shares[one.channel] - one.share) for one in exact.channels]
    assert max(errors) < 4 * sampled.quality["sampling_error"] + 0.005
    assert shapley(more, permutations=400) == sampled


def test_sixty_and_more_channels_are_counted_alike() -> None:
    """Above about fifty channels sets no longer fit a number; a channel more must not change what is counted."""
    found = drawn(70, 500)
    wide = engine.CoalitionCounts.of(arrays(found))
    few = engine.CoalitionCounts.of(arrays([path for path in found if all(one < "c040" for one in path.channels)]))

    assert (wide.paths, wide.conversions) == (500, sum(path.converted for path in found))
    assert few.paths == sum(all(one < "c040" for one in path.channels) for path in found)


def test_shao_and_li_average_rates_alone_and_in_pairs() -> None:
    """
    Shao and Li (2011, KDD, section 4.2): p(A) + (p(AB) - p(A) - p(B)) / 2 with two channels, which is Shapley's value.

    A alone converts 1 of 4, B alone 1 of 2, and of all who met no other channel than these two 3 of 4.
    """
    met = {("A",): (1, 4), ("B",): (1, 2), ("A", "B"): (22, 26)}
    found = [engine.Path(names, nth < won) for names, (won, people) in met.items() for nth in range(people)]
    alone, pair = {"A": 1 / 4, "B": 1 / 2}, 3 / 4

    fit = shapley(found, smoothing=0)

    by_formula = {one: alone[one] + (pair - alone["A"] - alone["B"]) / 2 for one in "AB"}
    assert {one.channel: one.weight for one in fit.channels} == pytest.approx(by_formula)


def test_smoothing_below_zero_is_refused() -> None:
    with pytest.raises(engine.BadSpecError, match="smoothing"):
        shapley([engine.Path(("A",), converted=True)], smoothing=-1.0)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([], "no_conversions"),
        ([engine.Path((), converted=True)], "no_channels"),
        ([engine.Path((), converted=True), engine.Path(("A",), converted=False)], "no_conversions"),
    ],
)
def test_what_the_data_cannot_answer_is_refused_by_name(found: list[engine.Path], code: str) -> None:
    with pytest.raises(engine.CannotTellError) as refusal:
        shapley(found)

    assert refusal.value.code == code


def test_one_channel_only_has_everything() -> None:
    fit = shapley([engine.Path(("A",), converted=True), engine.Path(("A", "A"), converted=False)], smoothing=0)

    assert [(one.channel, one.weight, one.share) for one in fit.channels] == [("A", 0.5, 1.0)]
