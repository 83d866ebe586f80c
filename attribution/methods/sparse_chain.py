"""SparseChain: the transitions that occur in a chain of order k, and its removal effects."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from attribution.arrays import Floats, Integers
from attribution.statistics import CONVERSION, TransitionCounts

_THREADS: Final = 2
_MOST_STEPS: Final = 20_000
_EXACT: Final = 1e-15


class NotConvergedError(ArithmeticError):
    """Paths are so long that the chain could not be solved."""


class SparseChain:
    """A chain's states, of which the first is the start, and its transitions, in order of their state."""

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
        self.states = len(self.newest)
        self.ended = np.zeros(self.states)
        self.ended[rows[nexts == CONVERSION]] = rates[nexts == CONVERSION]
        self.sources, self.rates, self.nexts = rows[inner], rates[inner], nexts[inner]
        self.targets = np.searchsorted(keys[is_new], led)

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
        """Return the removal effects, solved channel by channel."""
        total = self._chance(-1)
        effects = np.zeros(self.channels)
        if total <= 0:
            return effects
        channels = np.unique(self.nexts).tolist()
        with ThreadPoolExecutor(_THREADS) as pool:
            left = list(pool.map(self._chance, channels))
        effects[channels] = 1.0 - np.array(left) / total
        return np.clip(effects, 0.0, 1.0)

    def _chance(self, avoided: int) -> float:
        """
        Return the chance of conversion from the start that avoids a channel.

        Notes
        -----
        Chances grow from zero towards their fixed point, one state of a path
        with each step. Krylov methods save nothing here: rare k-grams lead to
        one another almost as paths do, which is far from normal.
        """
        kept = np.flatnonzero(self.nexts != avoided)
        sources, targets, rates = self.sources[kept], self.targets[kept], self.rates[kept]
        starts = np.flatnonzero(np.diff(sources, prepend=-1))
        rows = sources[starts]
        chances = self.ended
        for _ in range(_MOST_STEPS if len(starts) else 0):
            following = self.ended.copy()
            following[rows] += np.add.reduceat(rates * chances[targets], starts)
            change = float(np.max(following - chances))
            chances = following
            if change <= _EXACT:
                break
        else:
            if len(starts):
                raise NotConvergedError(f"a chain of {self.states} states was not solved")
        return float(chances[0])


def _keys(histories: Integers, base: int) -> Integers:
    keys = np.zeros(len(histories), dtype=np.int64)
    for place in range(histories.shape[1]):
        keys = keys * base + histories[:, place] + 1
    return keys
