"""Regions without a channel tell what it caused, and what visits alone leave open."""

from dataclasses import replace

import numpy as np
import pytest

import attribution as engine
from attribution.simulation import WORLDS, Simulated, simulate
from tests.engine.test_bad_input import people

WORLD = replace(next(world for world in WORLDS if world.name == "visit, geo holdout"), people=16_000)


@pytest.fixture(scope="module")
def seen() -> Simulated:
    """One run of a world whose visits would half have come anyway, with an experiment on one channel."""
    return simulate(WORLD, 2)


@pytest.fixture(scope="module")
def fit(seen: Simulated) -> engine.Fit:
    """What visits alone say."""
    return engine.fit_incremental([engine.feature_block(seen.histories, "visit")], replicates=0)


def effect_in(seen: Simulated) -> engine.HoldoutEffect:
    """Return what the experiment of a run says."""
    assert seen.holdout
    return engine.holdout_effect(seen.histories, seen.holdout)


def visits_in(seen: Simulated) -> dict[str, int]:
    """Return the visits of every channel."""
    names = seen.histories.channel_names
    counts = np.bincount(seen.histories.channels, minlength=len(names))
    return dict(zip(names, counts.tolist(), strict=True))


def test_experiments_contain_what_the_channel_caused() -> None:
    """Ninety-five of a hundred should; of forty, thirty-four are the least to be expected."""
    runs = [simulate(replace(WORLD, people=4_000), seed) for seed in range(40)]
    effects = [effect_in(run) for run in runs]

    held = [one.low <= run.caused[one.channel] <= one.high for one, run in zip(effects, runs, strict=True)]

    assert sum(held) >= 34


def test_a_fit_by_visits_says_that_it_cannot_tell_the_total(seen: Simulated, fit: engine.Fit) -> None:
    """R6: what touchpoints do not contain is named, and the truth lies between the ends."""
    low, high = (fit.quality[name] * fit.conversions for name in ("caused_low", "caused_high"))

    assert "substitution_unknown" in fit.notes
    assert low <= seen.total_caused <= high


def test_a_fit_by_time_names_no_bounds() -> None:
    world = replace(WORLDS[0], people=8_000)
    found = engine.fit_incremental([engine.feature_block(simulate(world, 1).histories, "time")], replicates=0)

    assert "substitution_unknown" not in found.notes
    assert "caused_low" not in found.quality


def test_an_exact_experiment_on_one_channel_brings_the_total_within_a_tenth(seen: Simulated, fit: engine.Fit) -> None:
    """R3: everything still sums to 1, and the channel without effect keeps none."""
    caused = float(seen.caused["Paid Social"])
    effect = engine.HoldoutEffect("Paid Social", caused, 0.9 * caused, 1.1 * caused)
    better = engine.calibrated(fit, effect, visits_in(seen))

    def error(of: engine.Fit) -> float:
        return abs(sum(one.weight for one in of.channels) / seen.total_caused - 1)

    assert better.baseline is not None
    assert error(better) < 0.1 < error(fit)
    assert better.quality["caused_low"] <= 1 - better.baseline.share <= better.quality["caused_high"]
    assert better.shares["Podcast"] == fit.shares["Podcast"] == 0
    assert sum(one.share for one in better.channels) + better.baseline.share == pytest.approx(1, abs=1e-9)
    assert 0 <= better.quality["substitution"] <= 1
    assert better.notes[-1] == "calibrated:Paid Social"
    assert "substitution_unknown" not in better.notes
    assert engine.Fit.from_dict(better.to_dict()) == better


def test_differences_that_were_there_before_are_taken_off() -> None:
    """Regions with the channel bought one conversion a person more before it was ever there."""
    off = np.array([True, True, False, False])
    regions = np.arange(400) % 4
    conversions = np.where(off[regions], 0, 1)
    found = people([1] * 400, conversions.tolist())

    plain = engine.holdout_effect(found, engine.Holdout("c0000000", regions, off))
    adjusted = engine.holdout_effect(found, engine.Holdout("c0000000", regions, off, np.where(off, 0.0, 1.0)))

    assert (plain.caused, adjusted.caused) == (200.0, 0.0)


@pytest.mark.parametrize("off", [[True, False, False], [True, False, False, False], [True, True, True, False]])
def test_too_few_regions_are_refused(off: list[bool]) -> None:
    found = people([1] * 40, [1] * 40)

    with pytest.raises(engine.CannotTellError) as refusal:
        engine.holdout_effect(found, engine.Holdout("Email", np.arange(40) % len(off), np.array(off)))

    assert refusal.value.code == "too_few_regions"


def test_effects_that_cannot_be_compared_are_refused(seen: Simulated, fit: engine.Fit) -> None:
    effect = effect_in(seen)

    for bad, visits in (
        (replace(fit, parameters={"family": "time"}), visits_in(seen)),
        (fit, {}),
        (replace(fit, channels=tuple(replace(one, weight=0.0) for one in fit.channels)), visits_in(seen)),
    ):
        with pytest.raises(engine.CannotTellError):
            engine.calibrated(bad, effect, visits)
