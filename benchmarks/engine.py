"""The engine alone: its array methods over a million journeys of mean length 4.5, on one core."""

import numpy as np

import attribution as engine
from benchmarks.rows import Row, row, seconds_of

_JOURNEYS = 1_000_000
_MEAN_LENGTH = 4.5
_DAY_MS = 86_400_000
_CHANNELS = ("Direct", "Paid Search", "Organic Search", "Email", "Display", "Paid Social", "Affiliates", "Referral")


def journeys(size: int) -> engine.JourneyArrays:
    """Return *size* journeys from a fixed seed: lengths geometric, ages up to 40 days, three kinds of touchpoint."""
    rng = np.random.default_rng(1)
    lengths = rng.geometric(1 / _MEAN_LENGTH, size)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    owners = np.repeat(np.arange(size), lengths)
    ages = rng.integers(0, 40 * _DAY_MS, offsets[-1])
    ages = ages[np.lexsort((-ages, owners))]  # touch order: the oldest first
    return engine.JourneyArrays(
        offsets=offsets,
        ages_ms=ages,
        channels=rng.integers(0, len(_CHANNELS), offsets[-1]),
        kinds=rng.integers(0, 3, offsets[-1]),
        channel_names=list(_CHANNELS),
    )


def run() -> list[Row]:
    """Time every method that the engine defines."""
    made = journeys(_JOURNEYS)
    rows = []
    for name, method in engine.METHODS.items():
        median, _ = seconds_of(lambda spec=method.spec: engine.credit_arrays(spec, made), times=3)  # type: ignore[misc]
        rows.append(
            row(f"engine: {name}, 1,000,000 journeys", round(median, 3), "s", "", "numpy, one core, median of 3")
        )
    return rows
