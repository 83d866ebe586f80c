"""FeatureBlock: what the incremental method learns from: conversions one by one, and everybody's exposure as sums."""

from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import blake2b
from typing import Final, Literal

import numpy as np

from attribution.arrays import BadArraysError, Floats, Integers

Family = Literal["time", "visit"]
UNIT: Final = 2.0**-32  # exposures are whole numbers of it, so that their sums do not depend on order
DAY_MS: Final = 86_400_000
VISIT_MS: Final = 30 * 60_000  # what one act brings about within half an hour says nothing of its person
PROPENSITIES: Final = (0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True, order=True)
class Kernel:
    """
    How an effect passes with age: halving, or (``delayed``) rising first.

    With x the age in half-lives, the value is 2**-x, or x * 2**-x; see
    `attribution.spec.Effect`.
    """

    half_life: timedelta
    delayed: bool = False

    @property
    def days(self) -> float:
        """The half-life in days."""
        return self.half_life / timedelta(days=1)

    def at(self, ages_ms: Integers) -> Floats:
        """Return the value at ages of 0 or more."""
        half_lives = ages_ms / (self.half_life / timedelta(milliseconds=1))
        values: Floats = np.exp2(-half_lives)
        return values * half_lives if self.delayed else values

    def until(self, ages_ms: Integers) -> Floats:
        """Return the integral from age 0, in days."""
        half_lives = ages_ms / (self.half_life / timedelta(milliseconds=1))
        left = np.exp2(-half_lives)
        if not self.delayed:
            return self.days / _LN2 * (1 - left)
        return self.days / _LN2**2 * (1 - left * (1 + _LN2 * half_lives))


_LN2: Final = float(np.log(2.0))
KERNELS: Final = (
    *(Kernel(timedelta(days=days)) for days in (0.25, 1, 3, 7, 14)),
    *(Kernel(timedelta(days=days), delayed=True) for days in (1.5, 3, 6)),
)


@dataclass(frozen=True, eq=False)
class FeatureBlock:
    """
    Features of one family of the incremental method.

    The columns are

    - the baseline, 1;
    - for each channel but direct, by name, and for each kernel: the sum of
      the kernel over the channel's touches so far;
    - for each a in `PROPENSITIES`: (a + N) / (a + r t), with N the touches so
      far of any channel, t the days watched so far and r the touches of a
      person in a day. It is the expected propensity of a person whose
      propensity is gamma distributed with shape a and drives touches; it
      tells who is likely to convert, so it belongs to the baseline.

    Parameters
    ----------
    family : "time" or "visit"
        ``time``: intensity over time. An event is a conversion; exposure is
        the integral of a column over the time people were watched, in days.
        Touches younger than half an hour do not count in N.
        ``visit``: chance at each visit, which is any touch, direct ones too.
        An event is the last visit before a conversion, and ages count from
        it; exposure is the sum of a column over all visits; the visit itself
        does not count in N.
    channel_names : tuple of str
        Sorted; without direct, whose visits belong to the baseline.
    kernels : tuple of Kernel
    touch_rate : float
        r: all touches divided by all days watched.
    values : array, shape (n_events, n_columns)
        Each column at each event. A conversion without any touch has, in
        ``visit``, no columns but the baseline.
    groups : array of int, shape (n_events,)
        Group of people of each event.
    delays_ms : array of int, shape (n_events,)
        From the last touch to the conversion; -1 where there was no touch.
    watched_days, left_days : array, shape (n_events,)
        Days watched before the conversion; and, where the watch ended with
        it, the days from there to the end of everybody's watch, else 0.
    exposure : array of int, shape (n_groups, n_columns)
        By group of people, in units of 2**-32.
    touchless_days : array of int, shape (n_groups,)
        Time watched before a first touch, in days, in units of 2**-32.
    people, converters : array of int, shape (n_groups,)
        How many people were watched, and converted.
    others : array, shape (n_others, n_columns)
        Columns at moments (``time``: one drawn for each person; ``visit``:
        visits) without conversion, to tell events from. May be empty.
    other_weights : array, shape (n_others,)
        ``time``: days watched; ``visit``: 1.
    """

    family: Family
    channel_names: tuple[str, ...]
    kernels: tuple[Kernel, ...]
    touch_rate: float
    values: Floats
    groups: Integers
    delays_ms: Integers
    watched_days: Floats
    left_days: Floats
    exposure: Integers
    touchless_days: Integers
    people: Integers
    converters: Integers
    others: Floats
    other_weights: Floats

    def __post_init__(self) -> None:
        columns = 1 + len(self.channel_names) * len(self.kernels) + len(PROPENSITIES)
        groups, events = len(self.people), len(self.groups)
        shapes = (self.values.shape, self.exposure.shape, self.others.shape)
        if shapes != ((events, columns), (groups, columns), (len(self.other_weights), columns)):
            raise BadArraysError("columns do not fit channels and kernels")
        if not len(self.delays_ms) == len(self.watched_days) == len(self.left_days) == events:
            raise BadArraysError("events differ in length")
        if not len(self.touchless_days) == len(self.converters) == groups:
            raise BadArraysError("groups differ in length")
        for name in ("values", "watched_days", "left_days", "exposure", "touchless_days", "others", "other_weights"):
            part = getattr(self, name)
            if not np.isfinite(part).all() or (part < 0).any():
                raise BadArraysError(f"{name}: negative or not a finite number")
        if events and not 0 <= self.groups.min() <= self.groups.max() < groups:
            raise BadArraysError("unknown group")

    def ordered(self) -> "FeatureBlock":
        """Return the block with its rows in an order of their own, so that no sum depends on how they came."""
        events = np.lexsort((*self.values.T, self.left_days, self.watched_days, self.delays_ms, self.groups))
        others = np.lexsort((*self.others.T, self.other_weights))
        rows = ("values", "groups", "delays_ms", "watched_days", "left_days")
        return replace(
            self,
            others=self.others[others],
            other_weights=self.other_weights[others],
            **{name: getattr(self, name)[events] for name in rows},
        )

    @property
    def effects(self) -> slice:
        """Columns of the channels' kernels: channel by channel."""
        return slice(1, 1 + len(self.channel_names) * len(self.kernels))

    @property
    def data_hash(self) -> str:
        """Fingerprint: equal data, equal hash, whatever order rows came in."""
        digest = blake2b(
            repr((self.family, self.channel_names, self.kernels, self.touch_rate)).encode(), digest_size=16
        )
        own = self.ordered()
        events = np.column_stack([own.groups, own.delays_ms, own.watched_days, own.left_days, own.values])
        for rows in (events, np.column_stack([own.other_weights, own.others])):
            digest.update(np.ascontiguousarray(rows, dtype="<f8").tobytes())
        for whole in (self.exposure, self.touchless_days, self.people, self.converters):
            digest.update(np.ascontiguousarray(whole, dtype="<i8").tobytes())
        return digest.hexdigest()
