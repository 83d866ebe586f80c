"""The incremental method against worlds whose causes are known, and what it refuses to say (R3, R7)."""

import json
from dataclasses import replace
from datetime import timedelta
from functools import cache
from math import fsum
from types import MappingProxyType

import numpy as np
import pytest

import attribution as engine
from attribution.methods.incremental.likelihood import area_under_curve
from attribution.simulation import WORLDS, Simulated, World, simulate
from tests.engine.builders import DAY, NOON, touch

BY_NAME = MappingProxyType({world.name: replace(world, people=12_000) for world in WORLDS})


@cache
def seen(name: str) -> Simulated:
    """Return one run of a world with 12,000 people."""
    return simulate(BY_NAME[name], 3)


@cache
def fitted(name: str) -> engine.Fit:
    """Return the fit of whichever family foretells better, without intervals."""
    blocks = [engine.feature_block(seen(name).histories, family) for family in ("time", "visit")]
    return engine.fit_incremental(blocks, replicates=0)


def distance(fit: engine.Fit, truth: Simulated) -> float:
    """Return the total-variation distance of the channels' shares to the truth."""
    total = sum(one.share for one in fit.channels)
    return sum(abs(one.share / total - truth.shares[one.channel]) for one in fit.channels) / 2


@pytest.mark.parametrize(
    ("world", "family", "most"),
    [
        ("exposure, randomised", "time", 0.05),
        ("exposure, targeted", "time", 0.06),
        ("exposure, high organic", "time", 0.08),
        ("exposure, delayed", "time", 0.06),
        ("visit, direct is baseline", "visit", 0.06),
        ("visit, targeted", "visit", 0.07),
        ("visit, direct cannibalises", "visit", 0.12),
    ],
)
def test_shares_come_near_the_truth_and_the_right_family_is_found(world: str, family: str, most: float) -> None:
    """12,000 people, so the distances are larger than those that `make truth` prints for 30,000."""
    fit = fitted(world)

    assert fit.parameters["family"] == family
    assert distance(fit, seen(world)) < most
    assert fit.shares[BY_NAME[world].placebo] < 0.01


@pytest.mark.parametrize("world", ["exposure, randomised", "exposure, high organic", "visit, direct is baseline"])
def test_total_caused_comes_near_the_truth(world: str) -> None:
    caused = sum(one.weight for one in fitted(world).channels)

    assert caused == pytest.approx(seen(world).total_caused, rel=0.15)


def test_shares_and_baseline_sum_to_one_and_weights_to_the_conversions() -> None:
    """R3."""
    fit = fitted("exposure, randomised")
    assert fit.baseline is not None

    assert fsum([*(one.share for one in fit.channels), fit.baseline.share]) == pytest.approx(1, abs=1e-9)
    assert fsum([*(one.weight for one in fit.channels), fit.baseline.weight]) == pytest.approx(fit.conversions)


def test_the_fit_says_how_well_it_foretells() -> None:
    quality = fitted("exposure, randomised").quality

    assert quality["log_loss"] < quality["base_log_loss"]
    assert quality["log_loss"] < quality["other_log_loss"]
    assert 0.7 < quality["auc"] < 1
    assert quality["replay"] == pytest.approx(1, abs=0.1)
    assert quality["certainty"] > 5


def test_single_journeys_add_up_to_nearly_the_fit() -> None:
    """Two different numbers: the fit knows each person's time, a journey is credited by its touches alone."""
    fit, truth = fitted("exposure, randomised"), seen("exposure, randomised")
    journeys = truth.histories.journeys()

    shares = engine.credit_arrays(fit.spec, journeys, engine.Lookbacks(click=90 * DAY))

    sums = np.bincount(journeys.channels, shares, len(journeys.channel_names))
    ours = dict(zip(journeys.channel_names, sums, strict=True))
    for one in fit.channels:
        assert ours[one.channel] == pytest.approx(one.weight, rel=0.1, abs=5)


def test_a_journey_is_shared_among_touchpoints_and_baseline() -> None:
    """R3, by hand: 0.3 halved once, against a baseline of 0.1 and a signal of 0.01 for each of two touches."""
    spec = engine.MethodSpec(
        "incremental", engine.Intensity(0.1, (engine.Effect("Email", DAY, 0.3),), signal=0.01, lasting=0.5)
    )
    found = engine.Journey(
        engine.Conversion("c", NOON), (touch("a", DAY), touch("b", DAY / 2, channel="Direct")), person="u:ann"
    )

    earned = engine.credit(spec, found)

    assert [(one.channel, pytest.approx(one.share)) for one in earned] == [
        ("Email", 0.5 * 0.15 / 0.27),
        ("Direct", 0.0),
        ("Baseline", 1 - 0.5 * 0.15 / 0.27),
    ]
    told = engine.explain(found, spec)
    assert "Email: 27.8%. At an age of 1 day, Email makes up 27.8 % of the intensity of conversions." in told.text
    assert "Baseline: 72.2%. It would have come without any touchpoint." in told.text
    assert told.baseline == earned[-1].share


def test_same_people_in_any_order_give_the_same_fit_bit_for_bit() -> None:
    """R7."""
    world = replace(WORLDS[0], people=1_500)
    made = simulate(world, 1).histories
    blocks = engine.feature_block(made, "time")
    rng = np.random.default_rng(1)
    order = rng.permutation(len(blocks.groups))
    shuffled = replace(
        blocks,
        **{
            name: getattr(blocks, name)[order]
            for name in ("values", "groups", "delays_ms", "watched_days", "left_days")
        },
    )

    first, second = (engine.fit_incremental([one], replicates=20) for one in (blocks, shuffled))

    assert first == second


def test_a_channel_that_never_appears_changes_nothing() -> None:
    made = simulate(replace(WORLDS[0], people=3_000), 1).histories
    wider = replace(made, channel_names=[*made.channel_names, "Zzz"])

    fits = [engine.fit_incremental([engine.feature_block(one, "time")], replicates=0) for one in (made, wider)]

    shares = dict(fits[1].shares)
    assert shares.pop("Zzz") == 0
    assert shares == pytest.approx(dict(fits[0].shares), abs=1e-9)


def nothing_works(world: World) -> World:
    """Return the world with channels that cause nothing."""
    return world.without(effect=0.0)


@pytest.mark.parametrize(
    ("world", "code"),
    [
        (nothing_works(replace(WORLDS[0], people=6_000, organic=0.3)), "not_distinguishable"),
        (replace(WORLDS[0], people=200), "too_few_conversions"),
        (replace(WORLDS[0], people=100, organic=30.0), "too_few_conversions"),
        (replace(WORLDS[0], people=400, organic=30.0, ends=False), "too_few_people"),
    ],
)
def test_what_the_data_cannot_answer_is_refused_by_name(world: World, code: str) -> None:
    """No effect at all is said to be one that cannot be told from none, not shared out at random."""
    with pytest.raises(engine.CannotTellError) as refusal:
        engine.fit_incremental([engine.feature_block(simulate(world, 1).histories, "time")])

    assert refusal.value.code == code


def test_people_without_touches_and_direct_alone_are_refused() -> None:
    nobody = engine.HistoryArrays.of([])
    direct = engine.History("a", (touch("t", DAY, "Direct"),), (NOON,), NOON - 9 * DAY, NOON)

    for made, code in ((nobody, "no_conversions"), (engine.HistoryArrays.of([direct]), "no_channels")):
        for family in ("time", "visit"):
            with pytest.raises(engine.CannotTellError) as refusal:
                engine.fit_incremental([engine.feature_block(made, family)])
            assert refusal.value.code == code


def test_fit_survives_json() -> None:
    fit = fitted("exposure, randomised")

    assert engine.Fit.from_dict(json.loads(json.dumps(fit.to_dict()))) == fit


def test_figures_that_are_not_numbers_are_refused() -> None:
    fit = fitted("exposure, randomised")
    spoiled = replace(fit.channels[0], share=float("nan"))

    with pytest.raises(engine.BadSpecError):
        replace(fit, channels=(spoiled,))
    with pytest.raises(engine.BadSpecError):
        engine.Intensity(0.1, (engine.Effect("Email", timedelta(0), 0.1),))
    with pytest.raises(engine.BadSpecError):
        engine.Intensity(0.1, lasting=1.5)


def test_area_under_curve_of_a_coin_is_half() -> None:
    assert area_under_curve(np.ones(3), np.ones(5), np.ones(5)) == 0.5


def test_zhang_wei_and_ren_share_the_hazard_of_the_touches() -> None:
    """Zhang, Wei and Ren (2014, ICDM, equation 5): credit is a touch's part of the hazard, which decays from it on."""
    spec = engine.MethodSpec(
        "incremental", engine.Intensity(0.0, (engine.Effect("Email", DAY, 0.2), engine.Effect("Display", 2 * DAY, 0.4)))
    )
    found = engine.Journey(
        engine.Conversion("c", NOON), (touch("a", 2 * DAY, "Display"), touch("b", DAY, "Email")), person="u:ann"
    )

    shares = [one.share for one in engine.credit(spec, found) if one.touchpoint]

    assert shares == pytest.approx([0.2 / 0.3, 0.1 / 0.3])
