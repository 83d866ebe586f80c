"""Block by block: the methods that journeys of equal length can share, and the others one share a touchpoint."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from attribution.array_credit import credit_arrays
from attribution.arrays import Floats, JourneyArrays
from attribution.channel_totals.formulas import Formula, formula_of
from attribution.channel_totals.lengths import KINDS, block_of
from attribution.journeys import Lookbacks
from attribution.spec import MethodSpec

_BLOCK_TOUCHES: Final = 1 << 20  # 8 MB of ages at a time
_MOST_CHANNELS: Final = 1 << 10  # beyond, tables by place and channel would be mostly empty


def channel_totals(
    specs: Sequence[MethodSpec], journeys: JourneyArrays, lookbacks: Lookbacks | None = None, *, threads: int = 1
) -> Floats:
    """
    Return how many conversions each method gives to each channel.

    Parameters
    ----------
    specs : sequence of MethodSpec
        Asked together they share what they have in common.
    journeys : JourneyArrays
        Narrow codes (``uint8``) are read fastest.
    lookbacks : Lookbacks, optional
        30 days for clicks and visits, 24 hours for views by default.
    threads : int
        The result is the same for any number, bit for bit.

    Returns
    -------
    array, shape (n_specs, n_channels)
        Sums of the shares of `credit_arrays` within 1e-9 of the number of
        journeys. A row sums to the number of journeys that could be credited,
        less what a baseline keeps.

    Raises
    ------
    BadLookbackError
        If there are overrides: arrays know neither sources nor campaigns.

    Notes
    -----
    Time O(touchpoints), memory O(block) beside the journeys. Journeys of
    equal length are put side by side, so that a journey's sum is the sum of a
    column. Methods whose shares follow from the place alone then need only
    how often each channel stands at each place; each distinct channel alike
    only how often each set of channels occurs.

    Examples
    --------
    >>> from attribution.methods.multi_touch import linear
    >>> from attribution.methods.single_touch import last_touch
    >>> journeys = JourneyArrays(
    ...     offsets=np.array([0, 2, 3]),
    ...     ages_ms=np.array([5000, 0, 10]),
    ...     channels=np.array([0, 1, 0]),
    ...     kinds=np.array([2, 2, 1]),
    ...     channel_names=["Email", "Direct"],
    ... )
    >>> channel_totals([linear(), last_touch()], journeys).tolist()
    [[1.5, 0.5], [1.0, 1.0]]
    """
    windows = lookbacks or Lookbacks()
    names = journeys.channel_names
    is_wide = len(names) > _MOST_CHANNELS
    formulas = [
        None if is_wide else formula_of(spec, names, with_milestones=journeys.milestone_ages_ms is not None)
        for spec in specs
    ]

    def of_block(part: JourneyArrays) -> Floats:
        return _of_block(specs, formulas, part, windows)

    totals = np.zeros((len(specs), len(names)))
    parts = journeys.parts(_BLOCK_TOUCHES)
    if threads == 1:
        for part in parts:
            totals += of_block(part)
        return totals
    with ThreadPoolExecutor(threads) as pool:
        for found in pool.map(of_block, parts):
            totals += found
    return totals


def _of_block(
    specs: Sequence[MethodSpec], formulas: Sequence[Formula | None], part: JourneyArrays, lookbacks: Lookbacks
) -> Floats:
    channels = len(part.channel_names)
    totals = np.zeros((len(specs), channels))
    block = block_of(part, lookbacks) if any(formulas) else None
    for place, (spec, formula) in enumerate(zip(specs, formulas, strict=True)):
        if formula is None or block is None:
            totals[place] = _one_by_one(spec, part, lookbacks)
            continue
        if block.lengths:
            totals[place] = formula(block.lengths).reshape(channels, KINDS).sum(axis=1)
        if block.long is not None:
            totals[place] += _one_by_one(spec, block.long, lookbacks)
    return totals


def _one_by_one(spec: MethodSpec, journeys: JourneyArrays, lookbacks: Lookbacks) -> Floats:
    shares = credit_arrays(spec, journeys, lookbacks)
    return np.asarray(np.bincount(journeys.channels, shares, len(journeys.channel_names)), dtype=np.float64)
