"""Chances of conversion in a chain of many states: steps over the transitions that occur, for some channels at once."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from attribution.arrays import Floats, Integers

_STEPS: Final = 24  # in single precision, before the next correction in double
_MOST_ROUNDS: Final = 30
_STALLED: Final = 0.5
_MOST_STEPS: Final = 20_000
_EXACT: Final = 2e-15
_ENOUGH: Final = 8e-15  # by the running residual, which rounding lets drift a little from the true one
_SOLVED: Final = 1e-14
_Table = NDArray[Any]


class NotConvergedError(ArithmeticError):
    """Paths are so long that the chain could not be solved."""


class Rungs:
    """
    The transitions of a chain, rung by rung: the first of each state, the second of each that has two, and so on.

    With the states of most transitions first, every rung begins at the first
    state, and a step adds up slices.
    """

    def __init__(self, sources: Integers, targets: Integers, rates: Floats, states: int) -> None:
        sizes = np.bincount(sources, minlength=states)
        self.order = np.argsort(-sizes, kind="stable")
        self.places = np.empty(states, dtype=np.int64)
        self.places[self.order] = np.arange(states)
        nth = np.arange(len(sources)) - (np.cumsum(sizes) - sizes)[sources]
        rows = np.lexsort((self.places[sources], nth))
        borders = np.concatenate([[0], np.cumsum(np.bincount(nth))]) if len(nth) else np.zeros(1, dtype=np.int64)
        self.targets = np.split(self.places[targets[rows]], borders[1:-1])
        self.rates = np.split(rates[rows], borders[1:-1])

    def weighed(self, width: int, dtype: type[np.floating[Any]]) -> list[tuple[Integers, _Table]]:
        """Return targets and rates of each rung, the rates beside one another for *width* columns."""
        pairs = zip(self.targets, self.rates, strict=True)
        return [(one, np.repeat(rate.astype(dtype)[:, None], width, axis=1)) for one, rate in pairs]


def chances_of(rungs: Rungs, ended: Floats, avoided: Sequence[Integers]) -> tuple[Floats, float]:
    """
    Return the chances of conversion that avoid some states.

    Parameters
    ----------
    rungs : Rungs
    ended : array, shape (n_states,)
        Chance that the next step converts.
    avoided : sequence of array of int
        A question each: the states in which paths end.

    Returns
    -------
    chances : array, shape (n_states, n_questions)
    residual : float
        Largest difference between the two sides of the equations.

    Raises
    ------
    NotConvergedError

    Notes
    -----
    Generalised conjugate residuals: some plain steps in single precision
    propose a direction, and along it and the one before the residual is made
    smallest, in double precision. It takes the slowest modes of the chain out
    at once, which plain steps wear down by a fifth each. Where paths follow
    one another so straight that there is nothing to take out, plain steps in
    double precision go to the end.

    References
    ----------
    Eisenstat, Elman and Schultz (1983), Variational iterative methods for
    nonsymmetric systems of linear equations, SIAM Journal on Numerical
    Analysis 20(2), 345-357.
    """
    if not len(ended):
        return np.zeros((0, len(avoided))), 0.0
    system = _System(rungs, ended, [rungs.places[rows] for rows in avoided])
    found = system.solved()
    chances, residual = system.stepped() if found is None else found
    return chances[rungs.places], residual


class _System:
    def __init__(self, rungs: Rungs, ended: Floats, avoided: Sequence[Integers]) -> None:
        width = len(avoided)
        self.avoided = [(rows, column) for column, rows in enumerate(avoided) if len(rows)]
        self.double = rungs.weighed(width, np.float64)
        self.single = rungs.weighed(width, np.float32)
        self.ends = np.repeat(ended[rungs.order][:, None], width, axis=1)
        self._end(self.ends)

    def solved(self) -> tuple[Floats, float] | None:
        """Return chances and residual; None where corrections do not help."""
        chances, left = np.zeros_like(self.ends), self.ends.copy()
        last: tuple[Floats, Floats, Floats] | None = None
        for _ in range(_MOST_ROUNDS):
            before = float(_dots(left, left).sum())
            direction = self._proposed(left)
            change = direction - self._moved(direction, None, self.double)
            if last:
                part = _dots(change, last[1]) / last[2]
                direction -= part * last[0]
                change -= part * last[1]
            norm = _dots(change, change)
            norm[norm == 0] = 1.0
            part = _dots(left, change) / norm
            chances += part * direction
            left -= part * change
            stalled = float(_dots(left, left).sum()) > _STALLED**2 * before
            if stalled or float(np.abs(left).max()) <= _ENOUGH:
                left = self._moved(chances, self.ends, self.double) - chances
                if (residual := float(np.abs(left).max())) <= _SOLVED:
                    return chances, residual
                if stalled:
                    return None
            last = direction, change, norm
        return None

    def stepped(self) -> tuple[Floats, float]:
        """Return chances and residual by plain steps: they grow from zero towards their only fixed point."""
        chances = self.ends
        for _ in range(_MOST_STEPS):
            following = self._moved(chances, self.ends, self.double)
            change = float(np.max(following - chances))
            chances = following
            if change <= _EXACT:
                return chances, change
        raise NotConvergedError(f"a chain of {len(self.ends)} states was not solved")

    def _proposed(self, left: Floats) -> Floats:
        scale = np.abs(left).max(axis=0)
        scale[scale == 0] = 1.0
        first = (left / scale).astype(np.float32)
        found, following, room = first.copy(), np.empty_like(first), np.empty_like(first)
        for _ in range(_STEPS):
            found, following = self._moved(found, first, self.single, following, room), found
        proposed: Floats = found * scale
        return proposed

    def _moved(
        self,
        chances: _Table,
        first: _Table | None,
        transitions: list[tuple[Integers, _Table]],
        following: _Table | None = None,
        room: _Table | None = None,
    ) -> _Table:
        """Return *first*, or nothing, and what *chances* are worth a step earlier."""
        following = np.empty_like(chances) if following is None else following
        room = np.empty_like(chances) if room is None else room
        done = 0
        for targets, rates in transitions:
            own = following[: len(targets)] if first is None and not done else room[: len(targets)]
            np.take(chances, targets, axis=0, out=own, mode="clip")
            own *= rates
            if done:
                following[: len(targets)] += own
            elif first is not None:
                np.add(first[: len(targets)], own, out=following[: len(targets)])
            done = done or len(targets)
        following[done:] = 0.0 if first is None else first[done:]
        self._end(following)
        return following

    def _end(self, chances: _Table) -> None:
        for rows, column in self.avoided:
            chances[rows, column] = 0.0


def _dots(one: Floats, other: Floats) -> Floats:
    """Return the inner product of each column of one with that of the other; BLAS would start threads of its own."""
    found: Floats = np.einsum("ij,ij->j", one, other)
    return found
