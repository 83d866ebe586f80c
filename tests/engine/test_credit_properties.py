"""What holds for every method and every journey (R3, R7)."""

import json
from dataclasses import replace
from math import fsum
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import attribution as engine
from tests.engine.builders import CHANNELS, NOON, ODD_SPECS, SPECS, journey, journeys, specs, touch


@given(specs(), journeys())
def test_shares_sum_to_one_and_money_to_the_value(spec: engine.MethodSpec, found: engine.Journey) -> None:
    """R3."""
    earned = engine.credit(spec, found)

    engine.check_conserved([found], earned)
    assert abs(fsum(one.share for one in earned) - 1) <= 1e-9
    assert sum(one.amount for one in earned) == found.conversion.value
    assert all(0 <= one.share <= 1 for one in earned)
    assert all(one.amount * found.conversion.value >= 0 for one in earned)


@given(specs(), journeys(), st.randoms(use_true_random=False))
def test_row_order_and_repetition_change_nothing(
    spec: engine.MethodSpec, found: engine.Journey, chance: Random
) -> None:
    """R2, R7: bit for bit."""
    rows = [*found.touchpoints, *found.touchpoints]
    chance.shuffle(rows)

    assert engine.credit(spec, replace(found, touchpoints=tuple(rows))) == engine.credit(spec, found)


@given(st.sampled_from(SPECS), st.sampled_from(CHANNELS), st.sampled_from(engine.TouchKind))
def test_single_touch_gets_everything(spec: engine.MethodSpec, channel: str, kind: engine.TouchKind) -> None:
    earned = engine.credit(spec, journey(touch("only", channel=channel, kind=kind)))

    assert [(one.channel, one.share) for one in earned] == [(channel, 1.0)]


# Methods that ask whether a channel is direct or paid, or carry weights for it, know names; the others do not.
NAMELESS = tuple(
    spec for spec in SPECS + ODD_SPECS if not spec.prefers and not getattr(spec.weighting, "by_channel", ())
)


@given(st.sampled_from(NAMELESS), journeys(), st.permutations(CHANNELS))
def test_relabelling_channels_changes_no_share(
    spec: engine.MethodSpec, found: engine.Journey, names: list[str]
) -> None:
    other = dict(zip(CHANNELS, names, strict=True))
    renamed = tuple(replace(one, channel=other[one.channel]) for one in found.touchpoints)

    before = [one.share for one in engine.credit(spec, found)]
    after = [one.share for one in engine.credit(spec, replace(found, touchpoints=renamed))]

    assert after == before


@given(specs(), journeys())
def test_credit_goes_only_inside_the_windows(spec: engine.MethodSpec, found: engine.Journey) -> None:
    lookbacks = engine.Lookbacks()

    for one in engine.credit(spec, found, lookbacks):
        if one.touchpoint:
            assert 0 * lookbacks.click <= NOON - one.touchpoint.touched_at <= lookbacks.of(one.touchpoint.kind)


@given(specs())
def test_spec_survives_json(spec: engine.MethodSpec) -> None:
    assert engine.MethodSpec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec


@given(journeys(), specs())
def test_explanation_agrees_with_the_credit(found: engine.Journey, spec: engine.MethodSpec) -> None:
    """R6."""
    told = engine.explain(found, spec)
    earned = engine.credit(spec, found)

    assert len(told.touches) == len(found.touchpoints)
    assert [(one.touchpoint, one.share, one.amount) for one in told.touches if not one.is_removed] == [
        (one.touchpoint, one.share, one.amount) for one in earned if one.touchpoint
    ]
    assert all(one.share == 0 for one in told.touches if one.is_removed)
    assert all(one.text and "{" not in one.text for one in told.touches)
    assert told.reason == earned[0].reason == engine.unattributed_reason(found, engine.Lookbacks())


@pytest.mark.parametrize("change", ["lost", "doubled", "scaled", "unknown"])
def test_check_notices_what_was_lost_or_invented(change: str) -> None:
    found = journey(touch("a"), touch("b", channel="Display"))
    earned = engine.credit(engine.METHODS["linear"].spec, found)
    spoiled = {
        "lost": earned[:1],
        "doubled": [*earned, earned[0]],
        "scaled": [replace(one, amount=one.amount * 2) for one in earned],
        "unknown": [*earned, replace(earned[0], conversion_id="other")],
    }

    with pytest.raises(engine.CreditNotConservedError):
        engine.check_conserved([found], spoiled[change])


def test_check_notices_a_journey_without_credits() -> None:
    with pytest.raises(engine.CreditNotConservedError, match="no credits"):
        engine.check_conserved([journey(touch("a"))], [])
