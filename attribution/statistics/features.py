"""FeatureBlock: what the incremental method learns from, the conversions one by one and everybody else as sums."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from hashlib import blake2b
from typing import Final, Literal

import numpy as np

from attribution.arrays import BadArraysError, Floats, Integers
from attribution.channels import Channel
from attribution.history_arrays import HistoryArrays

Family = Literal["time", "visit"]
UNIT: Final = 2.0**-32  # exposures are whole numbers of it, so that their sums do not depend on order
DAY_MS: Final = 86_400_000


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

    The columns are: the baseline; for each channel but direct, in order of
    name, one effect for each kernel; and for each of these channels a signal,
    which counts the touches so far.

    Parameters
    ----------
    family : "time" or "visit"
        ``time``: intensity over time, an event is a conversion, exposure is
        the integral of each column over the time each person was watched, in
        days (the baseline's is the time itself). ``visit``: chance at each
        visit, an event is the last touch before a conversion, ages count from
        it, exposure is the sum of each column over all touches (the
        baseline's is their number).
    channel_names : tuple of str
        Sorted; without direct, whose visits belong to the baseline.
    kernels : tuple of Kernel
    values : array, shape (n_events, 1 + n_channels * (n_kernels + 1))
        Each column at each event.
    groups : array of int, shape (n_events,)
        Group of people of each event.
    delays_ms : array of int, shape (n_events,)
        From the last touch to the conversion; -1 where there was no touch.
        Such a conversion is an event with zero columns but the baseline.
    exposure : array of int, shape (n_groups, n_columns)
        By group of people, in units of 2**-32.
    touchless_days : array of int, shape (n_groups,)
        Time watched before the first touch, in days, in units of 2**-32.
    people : array of int, shape (n_groups,)
        How many people were watched.
    """

    family: Family
    channel_names: tuple[str, ...]
    kernels: tuple[Kernel, ...]
    values: Floats
    groups: Integers
    delays_ms: Integers
    exposure: Integers
    touchless_days: Integers
    people: Integers

    def __post_init__(self) -> None:
        columns = 1 + len(self.channel_names) * (len(self.kernels) + 1)
        groups = len(self.people)
        if self.values.shape != (len(self.groups), columns) or self.exposure.shape != (groups, columns):
            raise BadArraysError("columns do not fit channels and kernels")
        if len(self.delays_ms) != len(self.groups) or len(self.touchless_days) != groups:
            raise BadArraysError("events or groups differ in length")
        if not np.isfinite(self.values).all() or (self.values < 0).any() or (self.exposure < 0).any():
            raise BadArraysError("a feature is negative or not a finite number")
        if len(self.groups) and not 0 <= self.groups.min() <= self.groups.max() < groups:
            raise BadArraysError("unknown group")

    @classmethod
    def of(cls, histories: HistoryArrays, family: Family, kernels: tuple[Kernel, ...] = KERNELS) -> "FeatureBlock":
        """
        Return the features of histories.

        Notes
        -----
        Time O(kernels * pairs of touch and conversion), for ``visit`` pairs of
        touches of a person.
        """
        names = tuple(name for name in histories.channel_names if name != Channel.DIRECT)
        columns = _Columns(histories, names, kernels)
        values, exposure = columns.over_time() if family == "time" else columns.over_visits()
        order = np.lexsort((histories.converted_at, histories.groups[histories.conversion_owners]))
        delays = np.full(len(histories.converted_at), -1)
        last = histories.touch_offsets[histories.conversion_owners] + histories.touches_before - 1
        touched = histories.touches_before > 0
        delays[touched] = histories.converted_at[touched] - histories.touched_at[last[touched]]
        return cls(
            family=family,
            channel_names=names,
            kernels=kernels,
            values=values[order],
            groups=histories.groups[histories.conversion_owners][order],
            delays_ms=delays[order],
            exposure=exposure,
            touchless_days=columns.touchless(),
            people=np.bincount(histories.groups, minlength=histories.n_groups),
        )

    @cached_property
    def data_hash(self) -> str:
        """Fingerprint: equal data, equal hash, whatever order rows came in."""
        digest = blake2b(repr((self.family, self.channel_names, self.kernels)).encode(), digest_size=16)
        rows = np.lexsort((*self.values.T[::-1], self.delays_ms, self.groups))
        for floats in (self.values[rows],):
            digest.update(np.ascontiguousarray(floats, dtype="<f8").tobytes())
        for whole in (self.groups[rows], self.delays_ms[rows], self.exposure, self.touchless_days, self.people):
            digest.update(np.ascontiguousarray(whole, dtype="<i8").tobytes())
        return digest.hexdigest()


class _Columns:
    """Works out columns at events, and their exposure."""

    def __init__(self, histories: HistoryArrays, names: tuple[str, ...], kernels: tuple[Kernel, ...]) -> None:
        self.histories, self.names, self.kernels = histories, names, kernels
        places = {name: place for place, name in enumerate(names)}
        self.codes = np.array([places.get(name, -1) for name in histories.channel_names], dtype=np.int64)
        self.width = 1 + len(names) * (len(kernels) + 1)

    def over_time(self) -> tuple[Floats, Integers]:
        of = self.histories
        conversions, touches = of.pairs
        ages = of.converted_at[conversions] - of.touched_at[touches]
        values = self._at(conversions, touches, ages, len(of.converted_at))
        left = np.maximum(of.observed_until[of.touch_owners] - of.touched_at, 0)
        grown = [*(kernel.until(left) for kernel in self.kernels), left / DAY_MS]
        watched = (of.observed_until - of.observed_from) / DAY_MS
        return values, self._exposure(grown, np.arange(len(left)), watched, np.arange(len(of.groups)))

    def over_visits(self) -> tuple[Floats, Integers]:
        of = self.histories
        visits, touches = _earlier(of.touch_offsets)
        ages = of.touched_at[visits] - of.touched_at[touches]
        grown = [*(kernel.at(ages) for kernel in self.kernels), np.ones(len(ages))]
        exposure = self._exposure(grown, touches, np.ones(len(of.touched_at)), of.touch_owners)
        conversions, touches = of.pairs
        last = of.touch_offsets[of.conversion_owners] + of.touches_before - 1
        ages = of.touched_at[last[conversions]] - of.touched_at[touches]
        return self._at(conversions, touches, ages, len(of.converted_at)), exposure

    def touchless(self) -> Integers:
        of = self.histories
        first = np.minimum(of.observed_until, np.iinfo(np.int64).max)
        touched = np.diff(of.touch_offsets) > 0
        first[touched] = np.minimum(first[touched], of.touched_at[of.touch_offsets[:-1][touched]])
        return _summed(np.maximum(first - of.observed_from, 0) / DAY_MS, of.groups, of.n_groups)

    def _at(self, events: Integers, touches: Integers, ages: Integers, n_events: int) -> Floats:
        values = np.zeros((n_events, self.width))
        values[:, 0] = 1.0
        codes = self.codes[self.histories.channels[touches]]
        kept = codes >= 0
        events, codes, ages = events[kept], codes[kept], ages[kept]
        for place, parts in enumerate([*(kernel.at(ages) for kernel in self.kernels), np.ones(len(ages))]):
            cells = events * self.width + self._column(codes, place)
            values += np.bincount(cells, parts, n_events * self.width).reshape(n_events, self.width)
        return values

    def _exposure(self, grown: list[Floats], touches: Integers, baseline: Floats, owners: Integers) -> Integers:
        of = self.histories
        codes = self.codes[of.channels[touches]]
        kept = codes >= 0
        groups = of.groups[of.touch_owners[touches[kept]]]
        exposure = np.zeros((of.n_groups, self.width), dtype=np.int64)
        exposure[:, 0] = _summed(baseline, of.groups[owners], of.n_groups)
        cells = groups * len(self.names) + codes[kept]
        for place, parts in enumerate(grown):
            sums = _summed(parts[kept], cells, of.n_groups * len(self.names)).reshape(of.n_groups, -1)
            exposure[:, self._column(np.arange(len(self.names)), place)] = sums
        return exposure

    def _column(self, codes: Integers, place: int) -> Integers:
        kernels = len(self.kernels)
        return 1 + (codes * kernels + place if place < kernels else len(self.names) * kernels + codes)


def _summed(parts: Floats, cells: Integers, n_cells: int) -> Integers:
    """Return sums in whole units: rounded first, so that no order of adding changes them."""
    sums = np.zeros(n_cells, dtype=np.int64)
    np.add.at(sums, cells, np.rint(parts / UNIT).astype(np.int64))
    return sums


def _earlier(offsets: Integers) -> tuple[Integers, Integers]:
    """Return every pair of a touch and a touch of its person that is not later, itself among them."""
    sizes = np.diff(offsets)
    nth = np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes)
    visits = np.repeat(np.arange(offsets[-1]), nth + 1)
    back = np.arange(len(visits)) - np.repeat(np.cumsum(nth + 1) - (nth + 1), nth + 1)
    return visits, np.repeat(offsets[:-1], sizes)[visits] + back
