"""All methods in one pass give each channel what one share a touchpoint adds up to."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import attribution as engine
from attribution.channel_totals import totals
from tests.engine.builders import INTENSITIES, ODD_SPECS, SPECS, journeys

EVERY = SPECS + ODD_SPECS + INTENSITIES


@given(st.lists(journeys(), max_size=8), st.sampled_from([(30, 24), (90, 168), (0, 0), (7, 240)]))
def test_totals_of_every_method_equal_the_definition(found: list[engine.Journey], windows: tuple[int, int]) -> None:
    """R3, R4: within 1e-9, milestones, views and touchpoints after the conversion included."""
    lookbacks = engine.Lookbacks(timedelta(days=windows[0]), timedelta(hours=windows[1]))
    arrays = engine.JourneyArrays.of(found)
    names = list(arrays.channel_names)

    given_to = engine.channel_totals(EVERY, arrays, lookbacks)

    expected = np.zeros((len(EVERY), len(names)))
    for place, spec in enumerate(EVERY):
        for one in found:
            for part in engine.credit(spec, one, lookbacks):
                if part.touchpoint:
                    expected[place, names.index(part.touchpoint.channel)] += part.share
    assert np.allclose(given_to, expected, rtol=0, atol=1e-9)


def many(size: int, channels: int, mean_length: float, dtype: str = "u1") -> engine.JourneyArrays:
    """Return journeys of a fixed seed, some without touchpoints, some longer than any matrix."""
    rng = np.random.default_rng(7)
    lengths = rng.geometric(1 / mean_length, size) - 1
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    owners = np.repeat(np.arange(size), lengths)
    ages = rng.integers(-5 * 86_400_000, 40 * 86_400_000, offsets[-1])
    return engine.JourneyArrays(
        offsets=offsets,
        ages_ms=ages[np.lexsort((-ages, owners))],
        channels=rng.integers(0, channels, offsets[-1]).astype(dtype),
        kinds=rng.integers(0, 3, offsets[-1]).astype("u1"),
        channel_names=["Direct", "Paid Search", *(f"c{code}" for code in range(2, channels))],
        milestone_ages_ms=rng.integers(-1, 30, size) * 86_400_000,
    )


@pytest.mark.parametrize(
    ("size", "channels", "mean_length", "dtype"),
    [
        (3_000, 6, 4.5, "u1"),
        (300, 12, 90.0, "u1"),
        (500, 40, 6.0, "u1"),
        (500, 300, 6.0, "u2"),
        (200, 2_000, 9.0, "i8"),
    ],
)
def test_totals_of_many_journeys_equal_their_shares(
    size: int, channels: int, mean_length: float, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R3, R7: short, long, of few and of many channels; in one block or in many, by one thread or two."""
    found = many(size, channels, mean_length, dtype)
    for arrays in (
        found,
        replace(found, milestone_ages_ms=None),
        replace(found, ages_ms=found.ages_ms.astype(np.float64)),
    ):
        expected = [np.bincount(arrays.channels, engine.credit_arrays(spec, arrays), channels) for spec in EVERY]

        together = engine.channel_totals(EVERY, arrays)

        assert np.allclose(together, expected, rtol=0, atol=1e-9)
        monkeypatch.setattr(totals, "_BLOCK_TOUCHES", 1 << 9)
        in_blocks = engine.channel_totals(EVERY, arrays)
        assert np.allclose(in_blocks, expected, rtol=0, atol=1e-9)
        assert engine.channel_totals(EVERY, arrays, threads=2).tobytes() == in_blocks.tobytes()
        monkeypatch.undo()


def test_no_journeys_and_empty_journeys_give_nothing() -> None:
    nobody = many(0, 3, 2.0)
    empty = engine.JourneyArrays(
        np.zeros(4, dtype=np.int64), np.array([], int), np.array([], int), np.array([], int), ["Email"]
    )

    assert engine.channel_totals(EVERY, nobody).tolist() == np.zeros((len(EVERY), 3)).tolist()
    assert engine.channel_totals(EVERY, empty).tolist() == np.zeros((len(EVERY), 1)).tolist()
    assert engine.channel_totals([], nobody).shape == (0, 3)


def test_overrides_are_refused_by_name() -> None:
    override = engine.LookbackOverride(campaign="spring", click=timedelta(days=1))
    lookbacks = engine.Lookbacks(overrides=(override,))

    with pytest.raises(engine.BadLookbackError):
        engine.channel_totals(SPECS, many(3, 3, 2.0), lookbacks)
