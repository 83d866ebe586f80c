"""feature_block(): the features of histories, as `FeatureBlock` defines them."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from attribution.arrays import Floats, Integers
from attribution.channels import Channel
from attribution.fits import CannotTellError
from attribution.history_arrays import HistoryArrays
from attribution.statistics.features import (
    DAY_MS,
    KERNELS,
    PROPENSITIES,
    UNIT,
    VISIT_MS,
    Family,
    FeatureBlock,
    Kernel,
)

_MOST_OTHERS: Final = 20_000
_MOST_CELLS: Final = 1 << 27
_BLOCK_PAIRS: Final = 1 << 21
_GOLDEN: Final = 0.6180339887498949


def feature_block(histories: HistoryArrays, family: Family, kernels: tuple[Kernel, ...] = KERNELS) -> FeatureBlock:
    """
    Return the features of histories.

    Parameters
    ----------
    histories : HistoryArrays
    family : "time" or "visit"
    kernels : tuple of Kernel

    Returns
    -------
    FeatureBlock

    Raises
    ------
    CannotTellError
        ``too_many_channels``: if its tables would not fit a gigabyte.

    Notes
    -----
    Time O(kernels * pairs of a touch and an event that is not earlier).
    """
    columns = _Columns(histories, kernels)
    rows = len(histories.converted_at) + histories.n_groups + _MOST_OTHERS
    if rows * columns.width > _MOST_CELLS:
        raise CannotTellError(
            "too_many_channels",
            f"{len(columns.names)} channels and {len(histories.converted_at)} conversions: group them",
        )
    owners = histories.conversion_owners
    ended = histories.observed_until[owners] == histories.converted_at
    end = int(histories.observed_until.max(initial=0))
    before = histories.touches_before
    last = histories.touch_offsets[owners] + before - 1
    delays = np.full(len(owners), -1)
    delays[before > 0] = histories.converted_at[before > 0] - histories.touched_at[last[before > 0]]
    if family == "time":
        values = columns.at(owners, histories.converted_at, VISIT_MS)
        exposure = columns.over_time()
        others, weights = columns.moments()
    else:
        touched = np.where(before > 0, last, 0)
        values = columns.at(owners, histories.touched_at[touched], 1) if len(histories.touched_at) else columns.none()
        values[before == 0, 1:] = 0.0
        exposure = columns.over_visits()
        others, weights = columns.visits(last[before > 0])
    converted = np.diff(histories.conversion_offsets) > 0
    return FeatureBlock(
        family=family,
        channel_names=columns.names,
        kernels=kernels,
        touch_rate=columns.rate,
        values=values,
        groups=histories.groups[owners],
        delays_ms=delays,
        watched_days=(histories.converted_at - histories.observed_from[owners]) / DAY_MS,
        left_days=np.where(ended, end - histories.converted_at, 0) / DAY_MS,
        exposure=exposure,
        touchless_days=columns.touchless(),
        people=np.bincount(histories.groups, minlength=histories.n_groups),
        converters=np.bincount(histories.groups[converted], minlength=histories.n_groups),
        others=others,
        other_weights=weights,
    )


class _Columns:
    """Works out columns at moments of people, and their exposure."""

    def __init__(self, histories: HistoryArrays, kernels: tuple[Kernel, ...]) -> None:
        self.histories, self.kernels = histories, kernels
        self.names = tuple(name for name in histories.channel_names if name != Channel.DIRECT)
        places = {name: place for place, name in enumerate(self.names)}
        self.codes = np.array([places.get(name, -1) for name in histories.channel_names], dtype=np.int64)
        self.width = 1 + len(self.names) * len(kernels) + len(PROPENSITIES)
        watched = int((histories.observed_until - histories.observed_from).sum()) / DAY_MS
        self.rate = len(histories.touched_at) / watched if watched else 0.0

    def none(self) -> Floats:
        values = np.zeros((len(self.histories.converted_at), self.width))
        values[:, 0] = 1.0
        return values

    def at(self, owners: Integers, instants: Integers, lag_ms: int) -> Floats:
        """Return the columns of people at instants; touches of the last *lag_ms* tell nothing of propensity."""
        of = self.histories
        values = np.zeros((len(owners), self.width))
        values[:, 0] = 1.0
        for begin, end, events, touches in self._pairs(owners, instants):
            codes = self.codes[of.channels[touches]]
            kept = codes >= 0
            ages = (instants[events] - of.touched_at[touches])[kept]
            cells = (events[kept] - begin) * self.width + 1 + codes[kept] * len(self.kernels)
            for place, kernel in enumerate(self.kernels):
                sums = np.bincount(cells + place, kernel.at(ages), (end - begin) * self.width)
                values[begin:end] += sums.reshape(end - begin, self.width)
        days = (instants - of.observed_from[owners]) / DAY_MS
        earlier = of.count_before(owners, instants - lag_ms)
        for place, shape in enumerate(PROPENSITIES, start=self.width - len(PROPENSITIES)):
            values[:, place] = (shape + earlier) / (shape + self.rate * days)
        return values

    def over_time(self) -> Integers:
        of = self.histories
        left = np.maximum(of.observed_until[of.touch_owners] - of.touched_at, 0)
        watched = (of.observed_until - of.observed_from) / DAY_MS
        since = (of.touched_at + VISIT_MS - of.observed_from[of.touch_owners]) / DAY_MS
        whole = watched[of.touch_owners]
        ours, everybody = of.groups[of.touch_owners], of.groups
        exposure = np.zeros((of.n_groups, self.width), dtype=np.int64)
        self._add_kernels(exposure, [self._grown(kernel, left) for kernel in self.kernels], np.arange(len(left)))
        exposure[:, 0] = _summed(watched, everybody, of.n_groups)
        for place, shape in enumerate(PROPENSITIES, start=self.width - len(PROPENSITIES)):
            alone = shape * self._integral(shape, np.zeros(len(watched)), watched)
            touched = self._integral(shape, np.minimum(since, whole), whole)
            exposure[:, place] = _summed(alone, everybody, of.n_groups) + _summed(touched, ours, of.n_groups)
        return exposure

    def over_visits(self) -> Integers:
        of = self.histories
        exposure = np.zeros((of.n_groups, self.width), dtype=np.int64)
        for _, _, visits, touches in self._pairs(of.touch_owners, of.touched_at):
            ages = of.touched_at[visits] - of.touched_at[touches]
            self._add_kernels(exposure, [kernel.at(ages) for kernel in self.kernels], touches)
        groups = of.groups[of.touch_owners]
        exposure[:, 0] = _summed(np.ones(len(groups)), groups, of.n_groups)
        days = (of.touched_at - of.observed_from[of.touch_owners]) / DAY_MS
        earlier = of.count_before(of.touch_owners, of.touched_at - 1)
        for place, shape in enumerate(PROPENSITIES, start=self.width - len(PROPENSITIES)):
            exposure[:, place] = _summed((shape + earlier) / (shape + self.rate * days), groups, of.n_groups)
        return exposure

    def touchless(self) -> Integers:
        of = self.histories
        first = of.observed_until.copy()
        touched = np.diff(of.touch_offsets) > 0
        first[touched] = np.minimum(first[touched], of.touched_at[of.touch_offsets[:-1][touched]])
        return _summed(np.maximum(first - of.observed_from, 0) / DAY_MS, of.groups, of.n_groups)

    def moments(self) -> tuple[Floats, Floats]:
        """Return columns at one moment of each person, spread evenly over their time, and that time's length."""
        of = self.histories
        people = _some(np.arange(len(of.groups)))
        watched = (of.observed_until - of.observed_from)[people]
        instants = of.observed_from[people] + (watched * ((people + 1) * _GOLDEN % 1.0)).astype(np.int64)
        return self.at(people, instants, VISIT_MS), watched / DAY_MS

    def visits(self, converting: Integers) -> tuple[Floats, Floats]:
        """Return columns at visits that did not convert."""
        of = self.histories
        visits = _some(np.setdiff1d(np.arange(len(of.touched_at)), converting))
        return self.at(of.touch_owners[visits], of.touched_at[visits], 1), np.ones(len(visits))

    def _pairs(self, owners: Integers, instants: Integers) -> Iterator[tuple[int, int, Integers, Integers]]:
        """Yield, for blocks of events, their range and every pair of an event and a touch that counts at it."""
        of = self.histories
        counts = of.count_before(owners, instants)
        firsts = of.touch_offsets[owners]
        borders = np.concatenate([[0], np.cumsum(counts)])
        begin = 0
        while begin < len(owners):
            end = max(begin + 1, int(np.searchsorted(borders, borders[begin] + _BLOCK_PAIRS, side="right")) - 1)
            own = counts[begin:end]
            nth = np.arange(own.sum()) - np.repeat(np.cumsum(own) - own, own)
            events, touches = np.repeat(np.arange(begin, end), own), np.repeat(firsts[begin:end], own) + nth
            if of.windows is not None:
                counting = of.windows.count(instants[events], touches, instants[events] - of.touched_at[touches])
                events, touches = events[counting], touches[counting]
            yield begin, end, events, touches
            begin = end

    def _grown(self, kernel: Kernel, left: Integers) -> Floats:
        """Return the integral of a kernel over the time for which each touch counts."""
        of = self.histories
        if of.windows is None:
            return kernel.until(left)
        spans = of.windows.spans(of.touched_at, left)
        return np.maximum(sum(kernel.until(end) - kernel.until(begin) for begin, end in spans), 0.0)

    def _add_kernels(self, exposure: Integers, grown: list[Floats], touches: Integers) -> None:
        of = self.histories
        codes = self.codes[of.channels[touches]]
        kept = codes >= 0
        cells = of.groups[of.touch_owners[touches[kept]]] * len(self.names) + codes[kept]
        for place, parts in enumerate(grown):
            sums = _summed(parts[kept], cells, of.n_groups * len(self.names))
            exposure[:, 1 + np.arange(len(self.names)) * len(self.kernels) + place] += sums.reshape(of.n_groups, -1)

    def _integral(self, shape: float, begin: Floats, end: Floats) -> Floats:
        """Return the integral of 1 / (shape + rate * t) between two times, in days."""
        if self.rate == 0:
            return (end - begin) / shape
        grown: Floats = np.log((shape + self.rate * end) / (shape + self.rate * begin)) / self.rate
        return grown


def _summed(parts: Floats, cells: Integers, n_cells: int) -> Integers:
    """Return sums in whole units: rounded first, so that no order of adding changes them."""
    sums = np.zeros(n_cells, dtype=np.int64)
    np.add.at(sums, cells, np.rint(parts / UNIT).astype(np.int64))
    return sums


def _some(places: Integers) -> Integers:
    """Return at most 20,000 of them, evenly spread."""
    return places[:: max(1, -(-len(places) // _MOST_OTHERS))]
