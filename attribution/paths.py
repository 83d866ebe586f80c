"""Path and PathArrays: what people did up to a conversion, or without one; the material of data-driven methods."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from attribution.arrays import BadArraysError, Integers, standing_places
from attribution.channels import Channel
from attribution.spec import Repeats

GROUPS: Final = 512


@dataclass(frozen=True, slots=True)
class Path:
    """
    The channels that one person touched, in touch order.

    Parameters
    ----------
    channels : tuple of str
        Empty for a conversion that nothing led to.
    converted : bool
    person : str
        Bootstrap intervals resample people; an empty name is a person too.
    """

    channels: tuple[str, ...]
    converted: bool
    person: str = ""


def group_of(person: str, groups: int = GROUPS) -> int:
    """
    Return the group, from 0, that a person is dealt into.

    Statistics are kept by group of people, and intervals resample groups. Any
    assignment that does not depend on behaviour will do; this one is
    ``CRC32(person) % groups`` in ClickHouse.

    Examples
    --------
    >>> group_of("u:ann"), group_of("u:ann", 1)
    (262, 0)
    """
    return crc32(person.encode()) % groups


@dataclass(frozen=True, eq=False)
class PathArrays:
    """
    Paths laid end to end; equal paths may be one row with their number.

    Parameters
    ----------
    offsets : array of int, shape (n_paths + 1,)
        Path p owns the touches ``offsets[p]:offsets[p + 1]``.
    channels : array of int, shape (n_touches,)
        Places in ``channel_names``, in touch order.
    channel_names : sequence of str
        Distinct, sorted.
    conversions, nulls : array of int, shape (n_paths,)
        How many people took this path and converted, or did not.
    groups : array of int, shape (n_paths,)
        Group of people of each path, see `group_of`.
    n_groups : int

    Raises
    ------
    BadArraysError
        If shapes do not fit, or a code or a number cannot be.
    """

    offsets: Integers
    channels: NDArray[np.integer[Any]]
    channel_names: Sequence[str]
    conversions: Integers
    nulls: Integers
    groups: Integers
    n_groups: int = GROUPS

    def __post_init__(self) -> None:
        total = len(self.channels)
        if len(self.offsets) == 0 or self.offsets[0] != 0 or self.offsets[-1] != total or (self.sizes < 0).any():
            raise BadArraysError("offsets do not go from 0 up to the number of touches")
        for name in ("conversions", "nulls", "groups"):
            row = getattr(self, name)
            if len(row) != len(self.sizes) or row.dtype.kind not in "iu" or (len(row) and row.min() < 0):
                raise BadArraysError(f"{name}: not one whole number for each path, or a negative one")
        if len(self.groups) and self.groups.max() >= self.n_groups:
            raise BadArraysError("unknown group")
        if total and (self.channels.min() < 0 or self.channels.max() >= len(self.channel_names)):
            raise BadArraysError("unknown channel code")
        if sorted(set(self.channel_names)) != list(self.channel_names):
            raise BadArraysError("channel names are not sorted, or one is named twice")

    @classmethod
    def of(cls, paths: Iterable[Path], groups: int = GROUPS) -> "PathArrays":
        """Return paths laid end to end."""
        kept = list(paths)
        names = sorted({channel for path in kept for channel in path.channels})
        codes = {name: code for code, name in enumerate(names)}
        converted = np.array([path.converted for path in kept], dtype=np.int64)
        return cls(
            offsets=np.concatenate([[0], np.cumsum([len(path.channels) for path in kept], dtype=np.int64)]),
            channels=np.array([codes[one] for path in kept for one in path.channels], dtype=np.int64),
            channel_names=names,
            conversions=converted,
            nulls=1 - converted,
            groups=np.array([group_of(path.person, groups) for path in kept], dtype=np.int64),
            n_groups=groups,
        )

    def transformed(self, *, repeats: Repeats = "keep", drops_direct: bool = False) -> "PathArrays":
        """
        Return the paths with fewer touches.

        Parameters
        ----------
        repeats : str
            As in `MethodSpec`: ``keep``, ``collapse``, ``first_of_each`` or
            ``distinct``.
        drops_direct : bool
            Whether direct touches go, unless a path has nothing else.
        """
        owners = np.repeat(np.arange(len(self.sizes)), self.sizes)
        kept = np.arange(len(self.channels))
        if drops_direct and Channel.DIRECT in self.channel_names:
            sourced = self.channels != list(self.channel_names).index(Channel.DIRECT)
            has_sourced = np.bincount(owners[sourced], minlength=len(self.sizes)) > 0
            kept = np.flatnonzero(sourced | ~has_sourced[owners])
        kept = kept[standing_places(owners[kept] * len(self.channel_names) + self.channels[kept], repeats)]
        sizes = np.bincount(owners[kept], minlength=len(self.sizes))
        return replace(self, offsets=np.concatenate([[0], np.cumsum(sizes)]), channels=self.channels[kept])

    @cached_property
    def sizes(self) -> Integers:
        """Touches of every path."""
        return np.diff(self.offsets)
