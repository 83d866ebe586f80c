"""simulate(): histories of a world, and the same world again without each channel."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution.arrays import Floats, Integers
from attribution.channels import Channel
from attribution.history_arrays import HistoryArrays
from attribution.holdouts import Holdout
from attribution.journeys import KIND_RANK, TouchKind
from attribution.paths import GROUPS
from attribution.simulation.acts import (
    HELD_OUT,
    REGIONS,
    Happened,
    happened_by_chain,
    happened_by_exposure,
    happened_by_visit,
)
from attribution.simulation.worlds import World

_DAY_MS = 86_400_000
_START_MS = 1_767_225_600_000  # 2026-01-01


@dataclass(frozen=True, eq=False)
class Simulated:
    """
    What happened in a world, and what would have happened.

    Parameters
    ----------
    histories : HistoryArrays
        All that a customer could have recorded.
    caused : mapping of str to int
        Conversions that are missing without each channel.
    total_caused : int
        Conversions that are missing without all of them.
    conversions : int
    holdout : Holdout or None
        The experiment, in worlds that have one.
    """

    histories: HistoryArrays
    caused: Mapping[str, int]
    total_caused: int
    conversions: int
    holdout: Holdout | None = None

    @property
    def shares(self) -> Mapping[str, float]:
        """Each channel's part of what channels caused."""
        total = sum(self.caused.values())
        return {channel: one / total for channel, one in self.caused.items()}


_ACTS: Mapping[str, Callable[[World, np.random.Generator], Callable[[frozenset[str]], Happened]]] = {
    "exposure": happened_by_exposure,
    "visit": happened_by_visit,
    "chain": happened_by_chain,
}


def simulate(world: World, seed: int) -> Simulated:
    """
    Return one run of a world with its truth.

    The world runs again without each channel and without all of them, on
    the same random numbers, so that only what the channel caused differs.

    Parameters
    ----------
    world : World
    seed : int

    Returns
    -------
    Simulated
    """
    run = _ACTS[world.acts](world, np.random.default_rng(seed))
    channels = [source.channel for source in world.sources]
    factual = run(frozenset())
    count = len(factual.converted_at)
    caused = {channel: max(0, count - len(run(frozenset({channel})).converted_at)) for channel in channels}
    total = count - len(run(frozenset(channels)).converted_at)
    off = np.arange(REGIONS) < HELD_OUT
    holdout = Holdout(world.holdout, factual.regions, off) if world.holdout else None
    return Simulated(_recorded(world, factual), caused, total, count, holdout)


def _recorded(world: World, happened: Happened) -> HistoryArrays:
    names = sorted({Channel.DIRECT.value, *(source.channel for source in world.sources)})
    codes = {name: code for code, name in enumerate(names)}
    own = [Channel.DIRECT.value, *(source.channel for source in world.sources)]
    table = np.array([codes[name] for name in own])
    touches = np.lexsort((happened.touched_at, happened.touch_people))
    conversions = np.lexsort((happened.converted_at, happened.conversion_people))
    until = np.full(world.people, world.days)
    if world.ends:
        until[happened.conversion_people] = happened.converted_at
    return HistoryArrays(
        touch_offsets=_offsets(happened.touch_people, world.people),
        touched_at=_instants(happened.touched_at[touches]),
        channels=table[happened.channels[touches]],
        kinds=np.full(len(touches), KIND_RANK[TouchKind.VISIT]),
        conversion_offsets=_offsets(happened.conversion_people, world.people),
        converted_at=_instants(happened.converted_at[conversions]),
        observed_from=np.full(world.people, _START_MS),
        observed_until=_instants(until),
        groups=np.arange(world.people) % GROUPS,
        channel_names=names,
    )


def _offsets(people: Integers, count: int) -> Integers:
    return np.concatenate([[0], np.cumsum(np.bincount(people, minlength=count))])


def _instants(days: Floats) -> NDArray[np.int64]:
    return _START_MS + np.rint(days * _DAY_MS).astype(np.int64)
