"""Removal effects of a Markov chain of order k, solved and not simulated."""

from typing import Final

import numpy as np

from attribution.arrays import Floats
from attribution.methods.sparse_chain import SparseChain
from attribution.pausing import checkpoint
from attribution.statistics import CONVERSION, TransitionCounts

_BLOCK_CELLS: Final = 1 << 23
_DENSITY: Final = 0.1
_FEW_STATES: Final = 400
_MOST_STEPS: Final = 400
_EXACT: Final = 1e-15


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

    Raises
    ------
    NotConvergedError
        If a chain of many states could not be solved.

    Notes
    -----
    Order 1 and chains of few states invert one matrix. With F the expected
    visits from the start, h the chance of conversion from a state and N the
    fundamental matrix, what converts by way of the states S of a channel is
    F[S] inv(N[S, S]) h[S]: first visits times what follows them. Other chains
    are solved for the chance of conversion that avoids each channel, all
    channels at once in dense blocks where most transitions occur, and one
    after the other over the transitions that occur where few do.

    References
    ----------
    Anderl, Becker, von Wangenheim and Schumann (2016), Mapping the customer
    journey, IJRM 33(3), 457-474. Kemeny and Snell (1976), Finite Markov
    Chains, chapter 3.
    """
    if counts.order == 1:
        return _by_inverse(counts, weights)
    base = len(counts.channel_names) + 1
    cells = base**counts.order * (base - 1)
    is_dense = cells <= _BLOCK_CELLS and len(counts.nexts) >= _DENSITY * cells
    effects = np.zeros((len(weights), base - 1))
    for place, own in enumerate(weights):
        checkpoint()
        if not own.any():
            continue
        chain = SparseChain(counts, own)
        if chain.states <= _FEW_STATES:
            effects[place] = chain.effects_by_inverse()
        else:
            found = _by_blocks(counts, own) if is_dense else None
            effects[place] = chain.effects() if found is None else found
    return effects


def _by_inverse(counts: TransitionCounts, weights: Floats) -> Floats:
    """Invert the chains of all replicates at once: a channel is one state."""
    base = len(counts.channel_names) + 1
    states = counts.histories[:, 0] + 1  # 0 is the start
    is_inner, converted = counts.nexts >= 0, counts.nexts == CONVERSION
    chain, ends = np.zeros((len(weights), base, base)), np.zeros((len(weights), base))
    leaving = np.stack([weights[:, states == state].sum(axis=1) for state in range(base)], axis=1)
    leaving[leaving == 0] = 1.0
    chain[:, states[is_inner], counts.nexts[is_inner] + 1] = weights[:, is_inner]
    ends[:, states[converted]] = weights[:, converted]
    fundamental = np.linalg.inv(np.eye(base) - chain / leaving[:, :, None])
    chances = np.einsum("rij,rj->ri", fundamental, ends / leaving)
    passing: Floats = fundamental[:, 0, 1:] * chances[:, 1:] / np.einsum("rii->ri", fundamental)[:, 1:]
    total = chances[:, :1]
    np.divide(passing, total, out=passing, where=total > 0)
    return np.clip(passing, 0.0, 1.0)


def _by_blocks(counts: TransitionCounts, weights: Floats) -> Floats | None:
    """
    Solve with dense blocks: histories (a, m) lead to (m, c), one matrix of a by c for every m.

    The chances grow from zero towards their only fixed point. None where
    paths are so long that this takes too many steps.
    """
    channels = len(counts.channel_names)
    base, middles = channels + 1, (channels + 1) ** (counts.order - 1)
    keys = np.zeros(len(counts.nexts), dtype=np.int64)
    for place in range(counts.order):
        keys = keys * base + counts.histories[:, place] + 1
    leaving = np.bincount(keys, weights, base * middles)
    leaving[leaving == 0] = 1.0
    rates = weights / leaving[keys]
    inner, converted = counts.nexts >= 0, counts.nexts == CONVERSION
    blocks = np.zeros((middles, base, channels))
    blocks[keys[inner] % middles, keys[inner] // middles, counts.nexts[inner]] = rates[inner]
    ended = np.zeros((base * middles, 1))
    ended[keys[converted], 0] = rates[converted]
    avoided = np.arange(channels)
    chances = np.zeros((base * middles, channels + 1))  # the last column avoids nothing
    for _ in range(_MOST_STEPS):
        checkpoint()
        following = chances.reshape(middles, base, channels + 1)[:, 1:, :].copy()
        following[:, avoided, avoided] = 0.0
        moved = np.matmul(blocks, following).transpose(1, 0, 2).reshape(base * middles, channels + 1)
        moved += ended
        change = float(np.max(moved - chances))
        chances = moved
        if change <= _EXACT:
            total = float(chances[0, -1])
            return np.clip(1.0 - chances[0, :-1] / total, 0.0, 1.0) if total > 0 else np.zeros(channels)
    return None
