"""Intervals from resampled people, and worlds that know their causes."""

from dataclasses import replace

import numpy as np
import pytest

import attribution as engine
from attribution.intervals import interval_of, poisson_weights
from attribution.simulation import WORLDS, simulate


def test_same_seed_draws_the_same_people_and_another_seed_others() -> None:
    """R7."""
    one, again, other = (poisson_weights(64, replicates=50, seed=seed) for seed in (1, 1, 2))

    assert (one == again).all()
    assert (one != other).any()
    assert one.mean() == pytest.approx(1, abs=0.05)
    assert (one.sum(axis=1) > 0).all()


def test_interval_holds_its_point_and_stays_a_share() -> None:
    low, high = interval_of(np.array([0.0, 0.5]), np.array([[0.1, 0.4], [0.2, 0.6]]))

    assert low.tolist() == [0.0, pytest.approx(0.4)]
    assert (high <= 1).all()


def test_one_replicate_more_would_miss_the_interval_one_time_in_twenty() -> None:
    """199 replicates cut the line in 200 parts that a draw hits alike: five of them below, five above."""
    low, high = interval_of(np.array([0.5]), np.arange(1, 200)[::-1, None] / 200)

    assert (low.tolist(), high.tolist()) == ([pytest.approx(5 / 200)], [pytest.approx(195 / 200)])


def test_more_people_make_narrower_intervals() -> None:
    widths = []
    for people in (2_000, 32_000):
        paths = simulate(replace(WORLDS[-1], people=people), 1).histories.paths()
        fit = engine.fit_markov(engine.TransitionCounts.of(paths))
        widths.append(np.mean([one.high - one.low for one in fit.channels]))

    assert widths[0] / widths[1] == pytest.approx(4, rel=0.25)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Sixty repetitions of a chain; `make coverage` runs two hundred of every method."""
    world = replace(WORLDS[-1], people=1_500)
    large = simulate(replace(world, people=150_000), 99).histories.paths()
    truth = engine.fit_markov(engine.TransitionCounts.of(large), replicates=0).shares

    hits = []
    for seed in range(60):
        fit = engine.fit_markov(engine.TransitionCounts.of(simulate(world, seed).histories.paths()))
        hits += [one.low <= truth[one.channel] <= one.high for one in fit.channels]

    assert 0.9 <= np.mean(hits) <= 0.99


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_worlds_know_what_caused_their_conversions(world: object) -> None:
    """R7: a seed is a run. A placebo causes nothing, and without every channel there is less than without any one."""
    assert isinstance(world, type(WORLDS[0]))
    small = replace(world, people=2_000)

    first, again = simulate(small, 5), simulate(small, 5)

    assert (first.histories.touched_at == again.histories.touched_at).all()
    assert first.caused == again.caused
    assert 0 < max(first.caused.values()) <= first.total_caused <= first.conversions
    if world.acts != "chain" and not world.synergy:
        assert first.caused[world.placebo] == 0
    assert len(first.histories.converted_at) == first.conversions
