"""When people come: a growing shop, quiet nights, busy Sundays and the launch of a collection."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from apps.reports.demo.world import DAYS, LAUNCH_DAY, LAUNCH_DAYS, WARM_UP

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
_ZONE: Final = ZoneInfo("Europe/Berlin")
_GROWTH: Final = 0.45  # over the whole period
_WEEKDAYS: Final = (1.04, 1.00, 1.00, 1.02, 0.90, 0.92, 1.22)
_HOURS: Final = (
    0.30, 0.16, 0.09, 0.07, 0.08, 0.16, 0.40, 0.75, 0.95, 1.02, 1.08, 1.12,
    1.20, 1.10, 1.02, 1.00, 1.05, 1.15, 1.30, 1.55, 1.75, 1.65, 1.20, 0.65,
)  # fmt: skip

Instants = NDArray[np.int64]


def hour_weights(now: datetime) -> NDArray[np.float64]:
    """Return how busy each hour of the warm-up and the period is, the first one first."""
    start = now - timedelta(days=WARM_UP + DAYS)
    weights = np.empty((WARM_UP + DAYS) * 24)
    for hour in range(len(weights)):
        local = (start + timedelta(hours=hour)).astimezone(_ZONE)
        day = hour / 24 - WARM_UP
        launch = 0.9 * np.exp(-(day - LAUNCH_DAY) / 6) if LAUNCH_DAY <= day < LAUNCH_DAY + LAUNCH_DAYS else 0.0
        trend = 1 + _GROWTH * day / DAYS + launch
        weights[hour] = trend * _WEEKDAYS[local.weekday()] * _HOURS[local.hour]
    return weights


def draw_instants(rng: np.random.Generator, size: int, weights: NDArray[np.float64], now: datetime) -> Instants:
    """Return instants in milliseconds, spread over the hours up to *now* as their weights say."""
    hours = draw_from(rng, size, weights)
    return milliseconds(now) + (hours - len(weights)) * HOUR_MS + rng.integers(0, HOUR_MS, size)


def milliseconds(now: datetime) -> int:
    """Return *now* in milliseconds since 1970."""
    return int(now.timestamp() * 1000)


def draw_from(rng: np.random.Generator, size: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return indexes into *weights*, each as often as its weight says."""
    edges = np.cumsum(weights)
    return np.minimum(np.searchsorted(edges, rng.random(size) * edges[-1], side="right"), len(weights) - 1)


def put_time_of_day(rng: np.random.Generator, instants: Instants, now: datetime) -> Instants:
    """Return *instants* on their days, at hours when people are awake."""
    offset_ms = int((now.astimezone(_ZONE).utcoffset() or timedelta()).total_seconds() * 1000)
    local_midnight = (instants + offset_ms) // DAY_MS * DAY_MS - offset_ms
    hours = draw_from(rng, len(instants), np.array(_HOURS))
    return local_midnight + hours * HOUR_MS + rng.integers(0, HOUR_MS, len(instants))
