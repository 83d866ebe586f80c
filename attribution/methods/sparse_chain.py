"""SparseChain: the transitions that occur in a chain of order k, and its removal effects."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from attribution.arrays import Floats, Integers
from attribution.methods.rungs import NotConvergedError, Rungs, chances_of
from attribution.statistics import CONVERSION, TransitionCounts

__all__ = ["NotConvergedError", "SparseChain"]

_THREADS: Final = 2
_TOGETHER: Final = 4  # channels: four numbers in single precision are fetched as fast as one


class SparseChain:
    """
    A chain's states and the transitions that occur.

    Parameters
    ----------
    counts : TransitionCounts
        Where the transitions lead.
    weights : array, shape (n_rows,)
        How often each of them happened.

    Attributes
    ----------
    states, channels : int
    residual : float
        By how much the solution of `effects` misses its equations, at worst,
        in chances of conversion; 0 before.
    """

    def __init__(self, counts: TransitionCounts, weights: Floats) -> None:
        used = np.flatnonzero(weights > 0)
        weights, histories, nexts = weights[used], counts.histories[used], counts.nexts[used]
        # Rows are sorted by history, and the start comes first.
        is_new = np.ones(len(used), dtype=bool)
        is_new[1:] = (histories[1:] != histories[:-1]).any(axis=1)
        rows = np.cumsum(is_new) - 1
        keys = _keys(histories, len(counts.channel_names) + 1)
        rates = weights / np.bincount(rows, weights)[rows]
        inner = np.flatnonzero(nexts >= 0)
        base = len(counts.channel_names) + 1
        led = keys[inner] % base ** (counts.order - 1) * base + nexts[inner] + 1
        self.channels = len(counts.channel_names)
        self.newest = histories[is_new][:, -1]
        self.known = (histories[is_new] >= 0).sum(axis=1)  # fewer than the order only at the beginning of paths
        self.order = counts.order
        self.states = len(self.newest)
        self.ended = np.zeros(self.states)
        self.ended[rows[nexts == CONVERSION]] = rates[nexts == CONVERSION]
        self.sources, self.rates, self.nexts = rows[inner], rates[inner], nexts[inner]
        self.targets = np.searchsorted(keys[is_new], led)
        self.residual = 0.0

    def effects_by_inverse(self) -> Floats:
        """Return the removal effects by inverting the whole chain."""
        chain = np.eye(self.states)
        chain[self.sources, self.targets] -= self.rates
        fundamental = np.linalg.inv(chain)
        chances = fundamental @ self.ended
        effects = np.zeros(self.channels)
        for channel in np.unique(self.nexts).tolist():
            own = np.flatnonzero(self.newest == channel)
            following = np.linalg.solve(fundamental[np.ix_(own, own)], chances[own])
            effects[channel] = fundamental[0, own] @ following
        total = float(chances[0])
        return np.clip(effects / total, 0.0, 1.0) if total > 0 else np.zeros(self.channels)

    def effects(self) -> Floats:
        """
        Return the removal effects from the chances of conversion that avoid each channel.

        Raises
        ------
        NotConvergedError
            If paths are so long that the chain could not be solved.
        """
        core = np.flatnonzero(self.known == self.order)
        places = np.cumsum(self.known == self.order) - 1
        inner = self.known[self.sources] == self.order
        rungs = Rungs(places[self.sources[inner]], places[self.targets[inner]], self.rates[inner], len(core))
        channels = np.unique(self.nexts)
        asked = [-1, *channels.tolist()]  # the first avoids nothing

        def solved(begin: int) -> tuple[Floats, float]:
            avoided = [np.flatnonzero((self.newest == one) & (one >= 0)) for one in asked[begin : begin + _TOGETHER]]
            own = [places[rows][self.known[rows] == self.order] for rows in avoided]
            found, residual = chances_of(rungs, self.ended[core], own)
            chances = np.zeros((self.states, len(avoided)))
            chances[core] = found
            return self._from_start(chances, avoided), residual

        with ThreadPoolExecutor(_THREADS) as pool:
            parts = list(pool.map(solved, range(0, len(asked), _TOGETHER)))
        chances = np.concatenate([part for part, _ in parts])
        self.residual = max(residual for _, residual in parts)
        effects = np.zeros(self.channels)
        if chances[0] > 0:
            effects[channels] = 1.0 - chances[1:] / chances[0]
        return np.clip(effects, 0.0, 1.0)

    def _from_start(self, chances: Floats, avoided: Sequence[Integers]) -> Floats:
        """Work chances back to the start, through states that no path comes back to."""
        for known in reversed(range(self.order)):
            rows, moves = np.flatnonzero(self.known == known), np.flatnonzero(self.known[self.sources] == known)
            for column in range(chances.shape[1]):
                worth = self.rates[moves] * chances[self.targets[moves], column]
                sums = np.bincount(self.sources[moves], worth, self.states)
                chances[rows, column] = self.ended[rows] + sums[rows]
            for column, own in enumerate(avoided):
                chances[own, column] = 0.0
        first: Floats = chances[0]
        return first


def _keys(histories: Integers, base: int) -> Integers:
    keys = np.zeros(len(histories), dtype=np.int64)
    for place in range(histories.shape[1]):
        keys = keys * base + histories[:, place] + 1
    return keys
