"""Whatever comes in, every registered method answers with credit that adds up, or refuses by name."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import attribution as engine

DAY_MS = 86_400_000
REFUSALS = (engine.CannotTellError, engine.BadArraysError)


def people(touches: list[int], conversions: list[int], channels: int = 3, seed: int = 0) -> engine.HistoryArrays:
    """Return people with so many touches and conversions each, at any time within sixty days."""
    rng = np.random.default_rng(seed)
    sizes, counts = np.array(touches, dtype=np.int64), np.array(conversions, dtype=np.int64)
    offsets, ends = (np.concatenate([[0], np.cumsum(one)]) for one in (sizes, counts))
    owners, buyers = np.repeat(np.arange(len(sizes)), sizes), np.repeat(np.arange(len(sizes)), counts)
    at, bought = rng.integers(0, 60 * DAY_MS, len(owners)), rng.integers(0, 60 * DAY_MS, len(buyers))
    names = sorted(["Direct", *(f"c{code:07}" for code in range(channels - 1))])
    return engine.HistoryArrays(
        touch_offsets=offsets,
        touched_at=at[np.lexsort((at, owners))],
        channels=rng.permutation(len(owners)) % channels,
        kinds=rng.integers(0, 3, len(owners)),
        conversion_offsets=ends,
        converted_at=bought[np.lexsort((bought, buyers))],
        observed_from=np.zeros(len(sizes), dtype=np.int64),
        observed_until=np.full(len(sizes), 60 * DAY_MS),
        groups=np.arange(len(sizes)) % engine.GROUPS,
        channel_names=names,
    )


WORLDS: dict[str, Callable[[], engine.HistoryArrays]] = {
    "nobody": lambda: people([], []),
    "no touchpoints": lambda: people([0] * 300, [1] * 150 + [0] * 150),
    "no conversions": lambda: people([3] * 500, [0] * 500),
    "everybody converts": lambda: people([2] * 500, [1] * 500),
    "one channel": lambda: people([2] * 800, [1, 0] * 400, channels=2),
    "direct alone": lambda: people([2] * 800, [1, 0] * 400, channels=1),
    "many conversions a person": lambda: people([4] * 300, [5, 0] * 150),
    "ten thousand touchpoints": lambda: people([10_000, *[2] * 400], [1, *[1, 0] * 200]),
    "a million channels": lambda: people([4] * 250_000, [1, 0] * 125_000, channels=1_000_000),
}


@pytest.fixture(params=WORLDS, scope="module")
def world(request: pytest.FixtureRequest) -> engine.HistoryArrays:
    """Each world once for all methods."""
    return WORLDS[request.param]()


@pytest.mark.parametrize("name", engine.METHODS)
def test_every_rule_based_method_adds_up_whatever_the_journeys(name: str, world: engine.HistoryArrays) -> None:
    """R3: no touchpoint is given less than nothing, no journey more than one, and nothing is no number."""
    spec, journeys = engine.METHODS[name].spec, world.journeys()

    shares = engine.credit_arrays(spec, journeys)
    totals = engine.channel_totals([spec], journeys)[0]

    before = np.concatenate([[0.0], np.cumsum(shares)])
    sums = before[journeys.offsets[1:]] - before[journeys.offsets[:-1]]
    assert np.isfinite(shares).all()
    assert (shares >= 0).all()
    assert np.minimum(np.abs(sums), np.abs(sums - 1)).max(initial=0) < 1e-6
    assert np.allclose(totals, np.bincount(journeys.channels, shares, len(totals)), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", engine.LEARNED)
def test_every_learned_method_answers_or_refuses_by_name(name: str, world: engine.HistoryArrays) -> None:
    """R3: shares and baseline sum to 1, inside their intervals."""
    method = engine.LEARNED[name]
    for variant in STATISTICS[method.statistic]:
        try:
            fit = method.fit(variant(world), replicates=20)
        except REFUSALS:
            continue
        figures = [*fit.channels, *([fit.baseline] if fit.baseline else [])]
        assert sum(one.share for one in figures) == pytest.approx(1, abs=1e-9)
        assert all(0 <= one.low <= one.share <= one.high <= 1 for one in figures)
        assert engine.Fit.from_dict(fit.to_dict()) == fit


STATISTICS: dict[str, list[Callable[[engine.HistoryArrays], Any]]] = {
    "transitions": [
        lambda world, order=order: engine.TransitionCounts.of(world.paths(), order)  # type: ignore[misc]
        for order in (1, 2, 3, 4)
    ],
    "coalitions": [lambda world: engine.CoalitionCounts.of(world.paths())],
    "features": [
        lambda world: [engine.feature_block(world, "time"), engine.feature_block(world, "visit")],
        lambda world: [engine.feature_block(world, "time")],
    ],
}


@pytest.mark.parametrize("age", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", engine.METHODS)
def test_ages_that_are_no_numbers_are_refused_before_any_method(name: str, age: float) -> None:
    with pytest.raises(engine.BadArraysError, match="finite"):
        engine.credit_arrays(
            engine.METHODS[name].spec,
            engine.JourneyArrays(np.array([0, 1]), np.array([age]), np.array([0]), np.array([0]), ["Email"]),
        )


@pytest.mark.parametrize("name", engine.METHODS)
def test_touchpoints_after_the_conversion_earn_nothing(name: str) -> None:
    ages = np.array([5.0, -1.0, -7.5])
    late = engine.JourneyArrays(np.array([0, 3]), ages, np.array([0, 1, 1]), np.full(3, 2), ["Direct", "Email"])

    assert engine.channel_totals([engine.METHODS[name].spec], late).tolist() == [[1.0, 0.0]]
