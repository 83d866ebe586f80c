"""Removal effects of a Markov chain of order k, solved and not simulated."""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from attribution.arrays import Floats, Integers
from attribution.statistics import CONVERSION, TransitionCounts

_DENSE_CELLS: Final = 1 << 25
_MOST_STEPS: Final = 20_000
_EXACT: Final = 1e-15


class NotConvergedError(ArithmeticError):
    """Paths are so long that the chain could not be solved."""


def removal_effects(counts: TransitionCounts, weights: Floats) -> Floats:
    """
    Return how much conversion is lost when each channel is taken away.

    The effect of a channel is the share of all conversions that disappears
    once every visit to it ends the path instead.

    Parameters
    ----------
    counts : TransitionCounts
        Where the transitions lead.
    weights : array, shape (n_replicates, n_rows)
        How often each of them happened.

    Returns
    -------
    array, shape (n_replicates, n_channels)
        In [0, 1]; effects need not sum to 1. All zero where nothing converts.

    Notes
    -----
    Order 1 inverts one matrix of channels. With F the expected visits from
    the start, h the chance of conversion from a channel and N the
    fundamental matrix, the conversions that pass channel c are
    F[c] h[c] / N[c, c]: first visits times what follows them. Higher orders
    solve the fixed point of the chance of conversion that avoids c, for all c
    at once, until it stands still.

    References
    ----------
    Anderl, Becker, von Wangenheim and Schumann (2016), Mapping the customer
    journey, IJRM 33(3), 457-474. Kemeny and Snell (1976), Finite Markov
    Chains, chapter 3.
    """
    if counts.order == 1:
        return _by_inverse(counts, weights)
    base = len(counts.channel_names) + 1
    if base**counts.order * base <= _DENSE_CELLS:
        return np.array([_by_blocks(counts, one) for one in weights])
    return np.array([_by_rows(counts, one) for one in weights])


def _by_inverse(counts: TransitionCounts, weights: Floats) -> Floats:
    base = len(counts.channel_names) + 1
    states = counts.histories[:, 0] + 1  # 0 is the start
    is_inner = counts.nexts >= 0
    chain = np.zeros((len(weights), base, base))
    ends = np.zeros((len(weights), base))
    totals = np.zeros((len(weights), base))
    for state in range(base):
        totals[:, state] = weights[:, states == state].sum(axis=1)
    chain[:, states[is_inner], counts.nexts[is_inner] + 1] = weights[:, is_inner]
    converted = counts.nexts == CONVERSION
    ends[:, states[converted]] = weights[:, converted]
    totals[totals == 0] = 1.0
    fundamental = np.linalg.inv(np.eye(base) - chain / totals[:, :, None])
    chances = np.einsum("rij,rj->ri", fundamental, ends / totals)
    total = chances[:, :1]
    passing: Floats = fundamental[:, 0, 1:] * chances[:, 1:] / np.einsum("rii->ri", fundamental)[:, 1:]
    np.divide(passing, total, out=passing, where=total > 0)
    return np.clip(passing, 0.0, 1.0)


def _by_blocks(counts: TransitionCounts, weights: Floats) -> Floats:
    """Solve with dense blocks: histories (a, m) lead to (m, c), one matrix of a by c for every m."""
    channels = len(counts.channel_names)
    base, middles = channels + 1, (channels + 1) ** (counts.order - 1)
    keys = _keys(counts.histories, base)
    leaving = np.bincount(keys, weights, base * middles)
    leaving[leaving == 0] = 1.0
    rates = weights / leaving[keys]
    inner = counts.nexts >= 0
    blocks = np.zeros((middles, base, channels))
    blocks[keys[inner] % middles, keys[inner] // middles, counts.nexts[inner]] = rates[inner]
    ended = np.zeros((base * middles, 1))
    ended[keys[~inner & (counts.nexts == CONVERSION)], 0] = rates[counts.nexts == CONVERSION]
    avoided = np.arange(channels)

    def step(chances: Floats) -> Floats:
        following = chances.reshape(middles, base, channels + 1)[:, 1:, :].copy()
        following[:, avoided, avoided] = 0.0
        moved: Floats = np.matmul(blocks, following).transpose(1, 0, 2).reshape(base * middles, channels + 1)
        moved += ended
        return moved

    return _effects(_fixed_point(step, (base * middles, channels + 1))[0])


def _by_rows(counts: TransitionCounts, weights: Floats) -> Floats:
    """Solve with the transitions that occur: for chains whose blocks would be mostly empty."""
    used = weights > 0
    weights, histories, nexts = weights[used], counts.histories[used], counts.nexts[used]
    grams, states = np.unique(histories, axis=0, return_inverse=True)
    places = {gram: place for place, gram in enumerate(map(tuple, grams.tolist()))}
    leaving = np.bincount(states, weights)
    rates = weights / leaving[states]
    inner = np.flatnonzero(nexts >= 0)
    moves = zip(histories[inner].tolist(), nexts[inner].tolist(), strict=True)
    led = np.array([places[(*old[1:], new)] for old, new in moves], dtype=np.int64)
    ended = np.zeros(len(grams))
    ended[states[nexts == CONVERSION]] = rates[nexts == CONVERSION]
    effects: Floats = np.zeros(len(counts.channel_names))
    start = places[(-1,) * counts.order]
    total = 0.0
    for columns in _column_blocks(np.unique(nexts[inner]), len(grams)):
        stays = nexts[inner][:, None] != np.append(columns, -1)
        moved_rates = rates[inner][:, None] * stays
        starts = np.flatnonzero(np.diff(states[inner], prepend=-1))
        sources = states[inner][starts]

        def step(chances: Floats) -> Floats:
            moved = np.repeat(ended[:, None], chances.shape[1], axis=1)
            moved[sources] += np.add.reduceat(moved_rates * chances[led], starts, axis=0)  # noqa: B023 - used at once
            return moved

        found = _fixed_point(step, (len(grams), len(columns) + 1))[start]
        total = found[-1]
        effects[columns] = found[-1] - found[:-1]
    return np.clip(effects / total, 0.0, 1.0) if total > 0 else effects


def _column_blocks(channels: Integers, states: int) -> Iterator[Integers]:
    width = max(1, (1 << 23) // max(states, 1))
    for begin in range(0, len(channels), width):
        yield channels[begin : begin + width]


def _keys(histories: Integers, base: int) -> Integers:
    keys = np.zeros(len(histories), dtype=np.int64)
    for place in range(histories.shape[1]):
        keys = keys * base + histories[:, place] + 1
    return keys


def _fixed_point(step: Callable[[Floats], Floats], shape: tuple[int, int]) -> Floats:
    """Repeat a contraction from zero until it stands still: it grows towards its only fixed point."""
    chances = np.zeros(shape)
    for _ in range(_MOST_STEPS):
        moved = step(chances)
        change = float(np.max(moved - chances, initial=0.0))
        chances = moved
        if change <= _EXACT:
            return chances
    raise NotConvergedError(f"not solved after {_MOST_STEPS} steps")


def _effects(chances: Floats) -> Floats:
    """Return the effects from the chances at the start: without each channel, and (last) with all."""
    total = chances[-1]
    if total <= 0:
        return np.zeros(len(chances) - 1)
    effects: Floats = np.clip(1.0 - chances[:-1] / total, 0.0, 1.0)
    return effects
