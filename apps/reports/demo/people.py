"""Who comes to the shop: countries, machines, intent, and which of them have a second device."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from apps.reports.demo import seasons, world

_SECOND_DEVICE, _APP = 0.22, 0.40  # share of people with one; share of those whose second device is the app
_PHONES = 3  # the first machines of the table are phones


@dataclass(frozen=True, slots=True)
class People:
    """One element a person; `machines` has two columns, the second -1 without a second device."""

    first_at: NDArray[np.int64]
    countries: NDArray[np.int64]
    machines: NDArray[np.int64]
    intent: NDArray[np.float64]

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.first_at)


def make_people(rng: np.random.Generator, size: int, now: datetime) -> People:
    """Draw *size* people whose first visits follow the seasons."""
    first_at = np.sort(seasons.draw_instants(rng, size, seasons.hour_weights(now), now))
    countries = seasons.draw_from(rng, size, np.array([share for _, _, share in world.COUNTRIES]))
    shares = np.array([machine.share for machine in world.MACHINES])
    first = seasons.draw_from(rng, size, shares)
    return People(
        first_at, countries, np.column_stack([first, _second_machines(rng, first, shares)]), rng.gamma(1.6, 0.625, size)
    )


def _second_machines(
    rng: np.random.Generator, first: NDArray[np.int64], shares: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the other device: the app, or a desktop for those on a phone and the other way round."""
    size = len(first)
    phones, desktops = shares.copy(), shares.copy()
    phones[_PHONES:], desktops[:_PHONES] = 0, 0
    other = np.where(first < _PHONES, seasons.draw_from(rng, size, desktops), seasons.draw_from(rng, size, phones))
    other = np.where(rng.random(size) < _APP, world.APP, other)
    return np.where(rng.random(size) < _SECOND_DEVICE, other, -1)
