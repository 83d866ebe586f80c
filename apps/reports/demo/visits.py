"""When each person comes back, on which device, from where, and whether they sign up or buy."""

from dataclasses import dataclass, fields
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from apps.reports.demo import seasons, world
from apps.reports.demo.people import People

_MORE_VISITS = 1.75  # on average, for a person of ordinary intent
_ORDER_CHANCE, _SIGN_UP_CHANCE, _SIGN_UP_AT_ORDER, _LOGIN_CHANCE = 0.021, 0.055, 0.62, 0.7
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Visits:
    """One element a visit, ordered by person and time; `slots` tells which of the person's devices."""

    persons: NDArray[np.int64]
    at: NDArray[np.int64]
    numbers: NDArray[np.int64]
    slots: NDArray[np.int64]
    origins: NDArray[np.int64]
    buys: NDArray[np.bool_]
    signs_up: NDArray[np.bool_]
    logs_in: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.at)

    def where(self, chosen: NDArray[np.bool_]) -> "Visits":
        """Return the chosen ones."""
        return Visits(*(getattr(self, field.name)[chosen] for field in fields(self)))


def make_visits(rng: np.random.Generator, people: People, now: datetime) -> Visits:
    """Draw every visit up to *now*."""
    persons, at, numbers = _times(rng, people, now)
    slots = _slots(rng, people, persons, numbers)
    in_app = people.machines[persons, slots] == world.APP
    origins = np.where(in_app, _app_origins(rng, len(at)), _web_origins(rng, at, numbers, now))
    pull = np.array([origin.pull for origin in world.ORIGINS])[origins]
    chance = _ORDER_CHANCE * people.intent[persons] * pull * (1 + 0.45 * np.minimum(numbers, 5))
    buys = rng.random(len(at)) < chance
    signs_up = _first_only(persons, rng.random(len(at)) < np.where(buys, _SIGN_UP_AT_ORDER, _SIGN_UP_CHANCE))
    logs_in = _logins(rng, persons, slots, signs_up)
    return Visits(persons, at, numbers, slots, origins, buys, signs_up, logs_in)


def _times(
    rng: np.random.Generator, people: People, now: datetime
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return person, instant and number of each visit: the gaps between visits grow as a lognormal does."""
    counts = 1 + rng.poisson(_MORE_VISITS * people.intent)
    persons = np.repeat(np.arange(people.size), counts)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    numbers = np.arange(len(persons)) - np.repeat(starts, counts)
    gaps = np.where(numbers == 0, 0, rng.lognormal(np.log(4.0), 1.1, len(persons)) * seasons.DAY_MS).astype(np.int64)
    walked = np.cumsum(gaps)
    at = people.first_at[persons] + walked - walked[starts][persons]
    later = seasons.put_time_of_day(rng, at, now)
    at = np.where(numbers == 0, at, np.maximum(later, people.first_at[persons] + 2 * seasons.HOUR_MS))
    order = np.lexsort((at, persons))
    persons, at = persons[order], at[order]
    happened = at < seasons.milliseconds(now) - 60_000
    return persons[happened], at[happened], numbers[happened]


def _slots(
    rng: np.random.Generator, people: People, persons: NDArray[np.int64], numbers: NDArray[np.int64]
) -> NDArray[np.int64]:
    has_second = people.machines[persons, 1] >= 0
    return (has_second & (numbers > 0) & (rng.random(len(persons)) < 0.45)).astype(np.int64)


def _web_origins(
    rng: np.random.Generator, at: NDArray[np.int64], numbers: NDArray[np.int64], now: datetime
) -> NDArray[np.int64]:
    """Return where visits come from: first ones and later ones differ, and so does the time of the launch."""
    launch_ms = seasons.milliseconds(now) - (world.DAYS - world.LAUNCH_DAY) * seasons.DAY_MS
    in_launch = (at >= launch_ms) & (at < launch_ms + world.LAUNCH_DAYS * seasons.DAY_MS)
    origins = np.zeros(len(at), dtype=np.int64)
    for is_first in (True, False):
        for is_launch in (True, False):
            weights = [
                (origin.first if is_first else origin.later)
                * (origin.launch if is_launch else float(not origin.only_launch))
                for origin in world.ORIGINS
            ]
            chosen = np.flatnonzero(((numbers == 0) == is_first) & (in_launch == is_launch))
            origins[chosen] = seasons.draw_from(rng, len(chosen), np.array(weights))
    return origins


def _app_origins(rng: np.random.Generator, size: int) -> NDArray[np.int64]:
    return np.where(rng.random(size) < 0.35, world.PUSH, world.DIRECT)


def _first_only(groups: NDArray[np.int64], happens: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Keep the first True of each group; rows are in order."""
    rows = np.flatnonzero(happens)
    _, first = np.unique(groups[rows], return_index=True)
    kept = np.zeros(len(groups), dtype=bool)
    kept[rows[first]] = True
    return kept


def _logins(
    rng: np.random.Generator, persons: NDArray[np.int64], slots: NDArray[np.int64], signs_up: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return the visits at which a person with an account logs in on the other device."""
    rows = np.arange(len(persons))
    size = int(persons.max(initial=0)) + 1
    account_row, account_slot = np.full(size, NEVER), np.full(size, -1)
    account_row[persons[signs_up]], account_slot[persons[signs_up]] = rows[signs_up], slots[signs_up]
    may = (rows > account_row[persons]) & (slots != account_slot[persons]) & (rng.random(len(persons)) < _LOGIN_CHANCE)
    return _first_only(persons * 2 + slots, may)
