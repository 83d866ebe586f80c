"""What moves from whom to whom when the same conversion is credited by other rules."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import fsum
from typing import Final

from attribution.credit import Credit

UNATTRIBUTED: Final = ""
_NOISE: Final = 1e-9  # differences below come from the last bits of floats


def shares_by_channel(credits_: Iterable[Credit]) -> dict[str, float]:
    """Return each channel's share of one conversion; the empty name for what nothing can be credited for.

    What a method calls the baseline's is a share like any other, under that name.
    """
    shares: dict[str, list[float]] = defaultdict(list)
    for one in credits_:
        shares[UNATTRIBUTED if one.reason else one.channel].append(one.share)
    return {name: fsum(parts) for name, parts in shares.items()}


def moved_shares(before: Mapping[str, float], after: Mapping[str, float]) -> dict[tuple[str, str], float]:
    """
    Return how much of one conversion moves from each channel to each other.

    What a channel loses is divided among those that gain, in proportion to
    what they gain: no more is moved than must be, and nobody both gives and
    takes.

    Parameters
    ----------
    before, after : mapping of str to float
        Shares of one conversion, each summing to 1.

    Returns
    -------
    dict
        (from, to) to a share in (0, 1]; empty when nothing moves. For every
        channel, what comes in less what goes out is its difference.

    Examples
    --------
    >>> moved_shares({"Email": 1.0}, {"Email": 0.5, "Display": 0.25, "Direct": 0.25})
    {('Email', 'Direct'): 0.25, ('Email', 'Display'): 0.25}
    """
    changes = {name: after.get(name, 0.0) - before.get(name, 0.0) for name in sorted(before.keys() | after.keys())}
    lost = {name: -change for name, change in changes.items() if change < -_NOISE}
    gained = {name: change for name, change in changes.items() if change > _NOISE}
    whole = fsum(gained.values())
    return {
        (giver, taker): loss * gain / whole for giver, loss in lost.items() for taker, gain in gained.items() if whole
    }
