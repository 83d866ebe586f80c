"""The array form against the definition, and what it refuses."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import attribution as engine
from tests.engine.builders import INTENSITIES, ODD_SPECS, SPECS, journeys


@given(st.lists(journeys(), max_size=6), st.sampled_from([(30, 24), (90, 168), (0, 0), (7, 1)]))
def test_arrays_equal_the_definition_for_every_method(found: list[engine.Journey], windows: tuple[int, int]) -> None:
    """R4, R7: within 1e-12, every method on the same arrays one after the other."""
    lookbacks = engine.Lookbacks(timedelta(days=windows[0]), timedelta(hours=windows[1]))
    arrays = engine.JourneyArrays.of(found)

    for spec in SPECS + ODD_SPECS + INTENSITIES:
        shares = engine.credit_arrays(spec, arrays, lookbacks)

        expected = []
        for one in found:
            earned = {part.touchpoint.id: part.share for part in engine.credit(spec, one, lookbacks) if part.touchpoint}
            expected += [earned.get(touch.id, 0.0) for touch in engine.in_touch_order(one.touchpoints)]
        assert np.allclose(shares, expected, rtol=0, atol=1e-12), spec


def arrays(**changes: object) -> engine.JourneyArrays:
    """Return two journeys, of two touchpoints and of none."""
    fields: dict[str, object] = {
        "offsets": np.array([0, 2, 2]),
        "ages_ms": np.array([5_000, 0]),
        "channels": np.array([0, 1]),
        "kinds": np.array([2, 2]),
        "channel_names": ["Email", "Direct"],
    }
    return engine.JourneyArrays(**(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"ages_ms": np.array([np.nan, 0.0])},
        {"ages_ms": np.array([np.inf, 0.0])},
        {"ages_ms": np.array([0, 5_000])},
        {"ages_ms": np.array([5_000])},
        {"offsets": np.array([0, 2, 1])},
        {"offsets": np.array([1, 2])},
        {"offsets": np.array([], dtype=np.int64)},
        {"channels": np.array([0, 2])},
        {"channels": np.array([-1, 0])},
        {"kinds": np.array([0, 3])},
        {"milestone_ages_ms": np.array([np.nan, 1.0])},
        {"milestone_ages_ms": np.array([1])},
    ],
)
def test_unusable_arrays_are_refused_by_name(changes: dict[str, object]) -> None:
    with pytest.raises(engine.BadArraysError):
        arrays(**changes)


@pytest.mark.parametrize("spec", SPECS + ODD_SPECS, ids=lambda spec: spec.name)
def test_empty_journeys_and_no_journeys_earn_nothing(spec: engine.MethodSpec) -> None:
    nobody = arrays(offsets=np.array([0]), ages_ms=np.array([]), channels=np.array([], int), kinds=np.array([], int))

    assert engine.credit_arrays(spec, nobody).tolist() == []
    assert engine.credit_arrays(spec, arrays(offsets=np.array([0, 0, 2, 2]))).sum() == pytest.approx(1)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_touchpoints_after_the_conversion_earn_nothing(spec: engine.MethodSpec) -> None:
    shares = engine.credit_arrays(spec, arrays(ages_ms=np.array([5_000, -1])))

    assert shares.tolist() == [1.0, 0.0]


def test_arrays_as_clickhouse_sends_them_are_read() -> None:
    """Unsigned ages, narrow codes: subtracting unsigned numbers must not wrap around."""
    narrow = arrays(
        ages_ms=np.array([5_000, 0], dtype=np.uint64),
        channels=np.array([0, 1], dtype=np.uint8),
        kinds=np.array([2, 1], dtype=np.int8),
    )

    for spec in SPECS:
        assert engine.credit_arrays(spec, narrow).tolist() == engine.credit_arrays(spec, arrays()).tolist()


def test_another_lookback_on_the_same_arrays_is_answered_anew() -> None:
    spec = engine.METHODS["linear"].spec
    same = arrays()

    wide = engine.credit_arrays(spec, same)
    narrow = engine.credit_arrays(spec, same, engine.Lookbacks(click=timedelta(seconds=1)))

    assert (wide.tolist(), narrow.tolist()) == ([0.5, 0.5], [0.0, 1.0])


def test_a_very_long_journey_is_credited_like_any_other() -> None:
    count = 200_000
    long = engine.JourneyArrays(
        offsets=np.array([0, count]),
        ages_ms=np.arange(count)[::-1] * 10_000,
        channels=np.zeros(count, int),
        kinds=np.full(count, 2),
        channel_names=["Email"],
    )

    for spec in SPECS:
        shares = engine.credit_arrays(spec, long, engine.Lookbacks(click=timedelta(days=90)))
        assert shares.sum() == pytest.approx(1, abs=1e-9)
        assert shares.min() >= 0


def test_a_million_channels_are_credited_and_counted_or_refused_by_name() -> None:
    """Every touchpoint a channel of its own: nothing may take time or memory for pairs that do not occur."""
    count = 1_000_000
    many = arrays(
        offsets=np.arange(0, count + 1, 2),
        ages_ms=np.tile([5_000, 0], count // 2),
        channels=np.arange(count),
        kinds=np.full(count, 2),
        channel_names=[f"c{code:07}" for code in range(count)],
    )
    paths = engine.PathArrays(
        many.offsets, many.channels, many.channel_names, np.ones(count // 2, int), np.zeros(count // 2, int),
        np.zeros(count // 2, int), 1,
    )  # fmt: skip

    shares = engine.credit_arrays(engine.METHODS["linear_distinct"].spec, many)
    counts = engine.TransitionCounts.of(paths)

    assert (shares == 0.5).all()
    assert counts.paths == counts.conversions == count // 2
    with pytest.raises(engine.CannotTellError, match="1000000 channels"):
        engine.fit_markov(counts)
    with pytest.raises(engine.BadArraysError, match="too many"):
        engine.TransitionCounts.of(paths, 4)
