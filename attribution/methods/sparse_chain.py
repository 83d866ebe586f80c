"""SparseChain: the transitions that occur in a chain of order k, and its removal effects."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from attribution.arrays import Floats, Integers
from attribution.statistics import CONVERSION, TransitionCounts

_THREADS: Final = 2
_MOST_STEPS: Final = 500
_EXACT: Final = 1e-14


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
        whole = self._chances(-1, self.ended.copy())
        total = float(whole[0])
        effects = np.zeros(self.channels)
        if total <= 0:
            return effects
        channels = np.unique(self.nexts).tolist()
        with ThreadPoolExecutor(_THREADS) as pool:
            left = list(pool.map(lambda channel: float(self._chances(channel, whole.copy())[0]), channels))
        effects[channels] = 1.0 - np.array(left) / total
        return np.clip(effects, 0.0, 1.0)

    def _chances(self, avoided: int, start: Floats) -> Floats:
        """
        Return the chance of conversion from every state that avoids a channel.

        Notes
        -----
        Van der Vorst (1992), Bi-CGSTAB, SIAM J. Sci. Stat. Comput. 13(2); a
        last stretch of plain steps leaves what they would leave.
        """
        kept = np.flatnonzero(self.nexts != avoided)
        sources, targets, rates = self.sources[kept], self.targets[kept], self.rates[kept]
        starts = np.flatnonzero(np.diff(sources, prepend=-1))
        rows = sources[starts]

        def moved(chances: Floats) -> Floats:
            sums = np.zeros(self.states)
            if len(starts):
                sums[rows] = np.add.reduceat(rates * chances[targets], starts)
            return sums

        chances = _bicgstab(moved, self.ended, start)
        for _ in range(_MOST_STEPS):
            following = self.ended + moved(chances)
            change = float(np.abs(following - chances).max())
            chances = following
            if change <= _EXACT:
                return chances
        raise NotConvergedError(f"a chain of {self.states} states was not solved")


def _bicgstab(moved: Callable[[Floats], Floats], goal: Floats, start: Floats) -> Floats:
    """Return nearly the solution x of x = goal + moved(x)."""
    best = found = start
    residual = goal + moved(found) - found
    shadow, direction = residual.copy(), residual.copy()
    least = float(np.abs(residual).max())
    rho = float(shadow @ residual)
    for _ in range(_MOST_STEPS):
        if least <= _EXACT or rho == 0:
            break
        ahead = direction - moved(direction)
        slope = float(shadow @ ahead)
        if slope == 0:
            break
        alpha = rho / slope
        half = residual - alpha * ahead
        aside = half - moved(half)
        norm = float(aside @ aside)
        omega = float(aside @ half) / norm if norm else 0.0
        found = found + alpha * direction + omega * half
        residual = half - omega * aside
        size = float(np.abs(residual).max())
        if size < least:
            best, least = found, size
        following = float(shadow @ residual)
        if omega == 0 or not np.isfinite(size):
            break
        direction = residual + following / rho * alpha / omega * (direction - omega * ahead)
        rho = following
    return best


def _keys(histories: Integers, base: int) -> Integers:
    keys = np.zeros(len(histories), dtype=np.int64)
    for place in range(histories.shape[1]):
        keys = keys * base + histories[:, place] + 1
    return keys
