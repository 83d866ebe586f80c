"""Many journeys as numpy arrays, and the pool of touchpoints that a method left in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from attribution.journeys import (
    KIND_RANK,
    BadLookbackError,
    Journey,
    Lookbacks,
    TouchKind,
    age_ms,
    in_touch_order,
    milestone_age_ms,
)
from attribution.spec import Repeats

_MILLISECOND: Final = timedelta(milliseconds=1)
Number = TypeVar("Number", np.float64, np.int64, np.bool_)
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class BadArraysError(ValueError):
    """Journey arrays do not fit together, or hold values that cannot be."""


@dataclass(frozen=True, eq=False)
class JourneyArrays:
    """
    Journeys laid end to end.

    Parameters
    ----------
    offsets : array of int, shape (n_journeys + 1,)
        Journey j owns the touchpoints ``offsets[j]:offsets[j + 1]``; an empty
        journey is allowed.
    ages_ms : array, shape (n_touchpoints,)
        Age at the conversion in milliseconds, in touch order: never
        increasing inside a journey. Negative ages came after the conversion
        and earn nothing.
    channels : array of int, shape (n_touchpoints,)
        Places in ``channel_names``.
    kinds : array of int, shape (n_touchpoints,)
        0 view, 1 visit, 2 click.
    channel_names : sequence of str
    milestone_ages_ms : array, shape (n_journeys,), optional
        Age of the milestone; negative for none.

    Raises
    ------
    BadArraysError
        If shapes do not fit, an age is NaN or infinite, a code is unknown, or
        touchpoints are not in order.
    """

    offsets: Integers
    ages_ms: NDArray[np.int64] | Floats
    channels: NDArray[np.integer[Any]]
    kinds: NDArray[np.integer[Any]]
    channel_names: Sequence[str]
    milestone_ages_ms: NDArray[np.int64] | Floats | None = None
    _pools: "dict[Lookbacks, Pool]" = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        total = len(self.ages_ms)
        if len(self.offsets) == 0 or self.offsets[0] != 0 or self.offsets[-1] != total or (self.sizes < 0).any():
            raise BadArraysError("offsets do not go from 0 up to the number of touchpoints")
        if len(self.channels) != total or len(self.kinds) != total:
            raise BadArraysError("ages, channels and kinds differ in length")
        if self.milestone_ages_ms is not None and len(self.milestone_ages_ms) != len(self.sizes):
            raise BadArraysError("milestone ages and journeys differ in number")
        for ages in (self.ages_ms, self.milestone_ages_ms):
            if ages is not None and ages.dtype.kind == "f" and not np.isfinite(ages).all():
                raise BadArraysError("an age is not a finite number")
        for name, codes, count in (("channel", self.channels, len(self.channel_names)), ("kind", self.kinds, 3)):
            if total and (codes.min() < 0 or codes.max() >= count):
                raise BadArraysError(f"unknown {name} code")
        grows = self.ages_ms[1:] > self.ages_ms[:-1]
        borders = self.offsets[1:-1]
        grows[borders[(borders > 0) & (borders < total)] - 1] = False
        if grows.any():
            raise BadArraysError("touchpoints are not in order of time")

    @classmethod
    def of(cls, journeys: Sequence[Journey]) -> "JourneyArrays":
        """
        Return journeys laid end to end, touchpoints in touch order.

        Raises
        ------
        NaiveInstantError
            If an instant carries no time zone.
        """
        paths = [in_touch_order(journey.touchpoints) for journey in journeys]
        touchpoints = [one for path in paths for one in path]
        names = sorted({one.channel for one in touchpoints})
        places = {name: place for place, name in enumerate(names)}
        ages = [age_ms(one, journey.conversion) for journey, path in zip(journeys, paths, strict=True) for one in path]
        milestones = [milestone_age_ms(journey) for journey in journeys]
        return cls(
            offsets=np.concatenate([[0], np.cumsum([len(path) for path in paths], dtype=np.int64)]),
            ages_ms=np.array(ages, dtype=np.int64),
            channels=np.array([places[one.channel] for one in touchpoints], dtype=np.int64),
            kinds=np.array([KIND_RANK[one.kind] for one in touchpoints], dtype=np.int64),
            channel_names=names,
            milestone_ages_ms=np.array([-1 if one is None else one for one in milestones], dtype=np.int64),
        )

    def pool(self, lookbacks: Lookbacks) -> "Pool":
        """Return the touchpoints that count, kept for the next method that asks with the same lookbacks."""
        if lookbacks not in self._pools:
            self._pools.clear()
            kept = counting(self, lookbacks)
            before = np.concatenate([[0], np.cumsum(kept)])
            sizes = before[self.offsets[1:]] - before[self.offsets[:-1]]
            members = np.flatnonzero(sizes)
            self._pools[lookbacks] = Pool(self, np.flatnonzero(kept), members, sizes[members])
        return self._pools[lookbacks]

    @cached_property
    def sizes(self) -> Integers:
        """Touchpoints of every journey."""
        return np.diff(self.offsets)

    def parts(self, touchpoints: int) -> Iterator["JourneyArrays"]:
        """Yield the journeys in order, in parts of about so many touchpoints, without copying them."""
        cuts = np.searchsorted(self.offsets, np.arange(touchpoints, int(self.offsets[-1]), touchpoints))
        borders = np.unique(np.concatenate([[0], cuts, [len(self.offsets) - 1]])).tolist()
        for begin, end in pairwise(borders):
            own = slice(int(self.offsets[begin]), int(self.offsets[end]))
            yield self._picked(self.offsets[begin : end + 1] - own.start, own, slice(begin, end))

    def some(self, which: Integers) -> "JourneyArrays":
        """Return some of the journeys, by their places."""
        sizes = self.sizes[which]
        ends = np.cumsum(sizes)
        own = np.arange(int(sizes.sum())) + np.repeat(self.offsets[which] - ends + sizes, sizes)
        return self._picked(np.concatenate([[0], ends]), own, which)

    def _picked(self, offsets: Integers, touchpoints: slice | Integers, which: slice | Integers) -> "JourneyArrays":
        """Return journeys out of these; what was checked is not checked again."""
        found = object.__new__(JourneyArrays)
        fields = {
            "offsets": offsets,
            "channel_names": self.channel_names,
            "milestone_ages_ms": None if self.milestone_ages_ms is None else self.milestone_ages_ms[which],
            "_pools": {},
            **{name: getattr(self, name)[touchpoints] for name in ("ages_ms", "channels", "kinds")},
        }
        for name, value in fields.items():
            object.__setattr__(found, name, value)
        return found


def counting(journeys: JourneyArrays, lookbacks: Lookbacks) -> NDArray[np.bool_]:
    """Return which touchpoints count: neither after the conversion nor older than the lookback of their kind."""
    limits = limits_ms(lookbacks)
    view = KIND_RANK[TouchKind.VIEW]
    ages: NDArray[Any] = journeys.ages_ms
    if ages.dtype == np.int64:
        ages = ages.view(np.uint64)  # what is negative becomes larger than any lookback: one comparison for two
    kept: NDArray[np.bool_] = journeys.kinds == view
    kept &= ages <= ages.dtype.type(limits[view])
    others = journeys.kinds != view
    others &= ages <= ages.dtype.type(limits[KIND_RANK[TouchKind.CLICK]])
    kept |= others
    if ages.dtype.kind != "u":
        kept &= ages >= 0
    return kept


def limits_ms(lookbacks: Lookbacks) -> Integers:
    """
    Return the lookback of every kind of touchpoint, by its code, in milliseconds.

    Raises
    ------
    BadLookbackError
        If there are overrides: arrays know neither sources nor campaigns.
    """
    if lookbacks.overrides:
        raise BadLookbackError("arrays know neither sources nor campaigns, so overrides cannot be kept")
    limits = np.full(len(KIND_RANK), lookbacks.click // _MILLISECOND)
    limits[KIND_RANK[TouchKind.VIEW]] = lookbacks.view // _MILLISECOND
    return limits


@dataclass(frozen=True, eq=False)
class Pool:
    """The touchpoints that a method did not remove, still end to end; journeys without any are left out."""

    journeys: JourneyArrays
    picked: Integers  # places of the touchpoints in the journeys' arrays
    members: Integers  # journeys that have any, in order
    sizes: Integers  # touchpoints of each member

    @cached_property
    def starts(self) -> Integers:
        return np.cumsum(self.sizes) - self.sizes

    @cached_property
    def places(self) -> Integers:
        """Place of every touchpoint in its pool, from 0."""
        return np.arange(len(self.picked)) - self.spread(self.starts)

    @cached_property
    def places_from_end(self) -> Integers:
        return self.spread(self.starts + self.sizes - 1) - np.arange(len(self.picked))

    @cached_property
    def ages_ms(self) -> Floats:
        return self.journeys.ages_ms[self.picked].astype(np.float64)

    @cached_property
    def channels(self) -> Integers:
        return self.journeys.channels[self.picked].astype(np.int64)

    @cached_property
    def kinds(self) -> Integers:
        return self.journeys.kinds[self.picked].astype(np.int64)

    def spread(self, per_journey: NDArray[Number]) -> NDArray[Number]:
        """Repeat a value of each journey for each of its touchpoints."""
        return np.repeat(per_journey, self.sizes)


def standing_places(cells: Integers, repeats: Repeats) -> Integers:
    """
    Return the places of the touchpoints that stand for their repeats, see `selection.standing`.

    Parameters
    ----------
    cells : array of int, shape (n,)
        A number for each touchpoint: equal ones are of one journey and one
        channel, and a journey's stand together.
    repeats : str
    """
    if repeats == "keep":
        return np.arange(len(cells))
    if repeats == "collapse":
        return np.flatnonzero(np.concatenate([[True], cells[1:] != cells[:-1]])[: len(cells)])
    if repeats == "first_of_each":
        return np.sort(np.unique(cells, return_index=True)[1])
    return np.sort(len(cells) - 1 - np.unique(cells[::-1], return_index=True)[1])
