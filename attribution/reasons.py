"""Why a conversion has no touchpoint to credit."""

from typing import Literal

from attribution.journeys import Journey, Lookbacks
from attribution.selection import candidates

UnattributedReason = Literal["identity_missing", "no_touchpoint", "outside_window"]


def unattributed_reason(journey: Journey, lookbacks: Lookbacks) -> UnattributedReason | None:
    """
    Return why nothing in a journey can be credited, or None when something can.

    Parameters
    ----------
    journey : Journey
    lookbacks : Lookbacks

    Returns
    -------
    str or None
        ``identity_missing``: the conversion carried no id to look for
        touchpoints by. ``no_touchpoint``: the person has none in the widest
        lookback. ``outside_window``: all lie outside their lookbacks.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from attribution.journeys import Conversion
    >>> sale = Conversion("c1", datetime(2026, 5, 1, tzinfo=UTC))
    >>> unattributed_reason(Journey(sale), Lookbacks())
    'no_touchpoint'
    """
    if journey.person is None:
        return "identity_missing"
    if not journey.touchpoints:
        return "no_touchpoint"
    if all(one.removed_by for one in candidates(journey, lookbacks)):
        return "outside_window"
    return None
