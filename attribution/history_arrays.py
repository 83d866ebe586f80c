"""HistoryArrays: many histories as numpy arrays, and the paths and journeys in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import numpy as np

from attribution.arrays import BadArraysError, Integers, JourneyArrays, limits_ms
from attribution.histories import History
from attribution.journeys import KIND_RANK, Lookbacks, Touchpoint, in_touch_order, milliseconds
from attribution.paths import GROUPS, PathArrays, group_of
from attribution.windows import Windows

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, eq=False)
class HistoryArrays:
    """
    Histories laid end to end; instants are milliseconds since 1970.

    Parameters
    ----------
    touch_offsets, conversion_offsets : array of int, shape (n_people + 1,)
        Person p owns ``touch_offsets[p]:touch_offsets[p + 1]``, and so on.
    touched_at, channels, kinds : array of int, shape (n_touches,)
        In touch order within a person; channels are places in
        ``channel_names``, kinds 0 view, 1 visit, 2 click.
    converted_at : array of int, shape (n_conversions,)
        Ascending within a person.
    observed_from, observed_until : array of int, shape (n_people,)
    groups : array of int, shape (n_people,)
        Group of each person, see `group_of`.
    channel_names : sequence of str
        Sorted.
    n_groups : int
    windows : Windows, optional
        How long touches count in features; without, as long as anybody looks.

    Raises
    ------
    BadArraysError
        If shapes do not fit, a code is unknown or instants are not in order.
    """

    touch_offsets: Integers
    touched_at: Integers
    channels: Integers
    kinds: Integers
    conversion_offsets: Integers
    converted_at: Integers
    observed_from: Integers
    observed_until: Integers
    groups: Integers
    channel_names: Sequence[str]
    n_groups: int = GROUPS
    windows: Windows | None = None

    def __post_init__(self) -> None:
        people = len(self.groups)
        for offsets, instants in (
            (self.touch_offsets, self.touched_at),
            (self.conversion_offsets, self.converted_at),
        ):
            fits = len(offsets) == people + 1 and offsets[0] == 0 and offsets[-1] == len(instants)
            if not fits or (np.diff(offsets) < 0).any():
                raise BadArraysError("offsets do not go from 0 up to the number of instants, one for each person")
            falls = np.diff(instants) < 0
            borders = offsets[1:-1]
            falls[borders[(borders > 0) & (borders < len(instants))] - 1] = False
            if falls.any():
                raise BadArraysError("instants are not in order of time")
        if not len(self.touched_at) == len(self.channels) == len(self.kinds):
            raise BadArraysError("instants, channels and kinds differ in length")
        for name, codes, end in (
            ("channel", self.channels, len(self.channel_names)),
            ("kind", self.kinds, len(KIND_RANK)),
            ("group", self.groups, self.n_groups),
        ):
            if len(codes) and (codes.min() < 0 or codes.max() >= end):
                raise BadArraysError(f"unknown {name}")
        if self.windows is not None and self.windows.limits_ms.shape[1] != len(self.touched_at):
            raise BadArraysError("windows are for other touches")
        if not len(self.observed_from) == len(self.observed_until) == people:
            raise BadArraysError("not one observation for each person")
        if (self.observed_until < self.observed_from).any():
            raise BadArraysError("somebody was watched until before the beginning")

    @classmethod
    def of(
        cls, histories: Sequence[History], groups: int = GROUPS, versions: Sequence[tuple[int, Lookbacks]] = ()
    ) -> "HistoryArrays":
        """Return histories laid end to end, by person, so that their order changes nothing.

        *versions* are the lookbacks and the milliseconds since 1970 from which each holds, ascending.
        """
        ordered = sorted(histories, key=lambda one: one.person)
        touches = [in_touch_order(one.touchpoints) for one in ordered]
        conversions = [sorted(map(milliseconds, one.conversions)) for one in ordered]
        names = sorted({touch.channel for row in touches for touch in row})
        codes = {name: code for code, name in enumerate(names)}
        flat = [touch for row in touches for touch in row]
        return cls(
            touch_offsets=_offsets(touches),
            touched_at=_whole([milliseconds(one.touched_at) for one in flat]),
            channels=_whole([codes[one.channel] for one in flat]),
            kinds=_whole([KIND_RANK[one.kind] for one in flat]),
            conversion_offsets=_offsets(conversions),
            converted_at=_whole([instant for row in conversions for instant in row]),
            observed_from=_whole([milliseconds(one.observed_from) for one in ordered]),
            observed_until=_whole([milliseconds(one.observed_until) for one in ordered]),
            groups=_whole([group_of(one.person, groups) for one in ordered]),
            channel_names=names,
            n_groups=groups,
            windows=_windows(flat, versions) if versions else None,
        )

    @cached_property
    def touch_owners(self) -> Integers:
        """Person of every touch."""
        return np.repeat(np.arange(len(self.groups)), np.diff(self.touch_offsets))

    @cached_property
    def conversion_owners(self) -> Integers:
        """Person of every conversion."""
        return np.repeat(np.arange(len(self.groups)), np.diff(self.conversion_offsets))

    @cached_property
    def touches_before(self) -> Integers:
        """How many touches of its person came before, or with, each conversion."""
        return self.count_before(self.conversion_owners, self.converted_at)

    def count_before(self, owners: Integers, instants: Integers) -> Integers:
        """Return how many touches of a person came before, or with, an instant."""
        if not len(self.touched_at) or not len(instants):
            return np.zeros(len(instants), dtype=np.int64)
        least = min(int(self.touched_at.min()), int(instants.min()))
        span = max(int(self.touched_at.max()), int(instants.max())) - least + 1
        keys = self.touch_owners * span + (self.touched_at - least)
        return np.searchsorted(keys, owners * span + (instants - least), side="right") - self.touch_offsets[owners]

    @cached_property
    def pairs(self) -> tuple[Integers, Integers]:
        """Conversion and touch of every pair in which the touch came before, or with, the conversion."""
        counts = self.touches_before
        owners = np.repeat(np.arange(len(counts)), counts)
        nth = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
        return owners, self.touch_offsets[self.conversion_owners][owners] + nth

    def journeys(self) -> JourneyArrays:
        """Return one journey for each conversion, with every touch before it."""
        conversions, touches = self.pairs
        return JourneyArrays(
            offsets=np.concatenate([[0], np.cumsum(self.touches_before)]),
            ages_ms=self.converted_at[conversions] - self.touched_at[touches],
            channels=self.channels[touches],
            kinds=self.kinds[touches],
            channel_names=list(self.channel_names),
        )

    def paths(self, lookbacks: Lookbacks | None = None) -> PathArrays:
        """Return the paths as `paths_of` defines them, every conversion being one."""
        converted = np.diff(self.conversion_offsets) > 0
        others = np.flatnonzero(~converted & (np.diff(self.touch_offsets) > 0))
        conversions, touches = self.pairs
        rest = np.flatnonzero(np.isin(self.touch_owners, others))
        last = self.touched_at[self.touch_offsets[1:][self.touch_owners[rest]] - 1]
        ages = np.concatenate([self.converted_at[conversions], last]) - self.touched_at[np.concatenate([touches, rest])]
        picked = np.concatenate([touches, rest])
        places = np.concatenate(
            [conversions, len(self.converted_at) + np.searchsorted(others, self.touch_owners[rest])]
        )
        counting = ages <= limits_ms(lookbacks or Lookbacks())[self.kinds[picked]]
        sizes = np.bincount(places[counting], minlength=len(self.converted_at) + len(others))
        is_conversion = np.arange(len(sizes)) < len(self.converted_at)
        return PathArrays(
            offsets=np.concatenate([[0], np.cumsum(sizes)]),
            channels=self.channels[picked[counting]],
            channel_names=list(self.channel_names),
            conversions=is_conversion.astype(np.int64),
            nulls=(~is_conversion).astype(np.int64),
            groups=self.groups[np.concatenate([self.conversion_owners, others])],
            n_groups=self.n_groups,
        )


def _windows(touches: Sequence[Touchpoint], versions: Sequence[tuple[int, Lookbacks]]) -> Windows:
    limits = [[lookbacks.of_touchpoint(one) // _MILLISECOND for one in touches] for _, lookbacks in versions]
    return Windows(_whole([since for since, _ in versions]), np.array(limits, dtype=np.int64))


def _offsets(rows: Sequence[Sequence[object]]) -> Integers:
    return np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)])


def _whole(numbers: Sequence[int]) -> Integers:
    return np.array(numbers, dtype=np.int64)
