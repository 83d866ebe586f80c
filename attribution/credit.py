"""Credit: who earned how much of a conversion, and the check that nothing was lost or invented."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import fsum, isfinite
from typing import Final

from attribution.channels import Channel
from attribution.journeys import Conversion, Journey, Lookbacks, Touchpoint, milestone_age_ms
from attribution.money import split_money
from attribution.reasons import UnattributedReason, unattributed_reason
from attribution.selection import Candidate, candidates
from attribution.spec import Intensity, MethodSpec
from attribution.weights import shares_of

TOLERANCE: Final = 1e-9
ORGANIC: Final = "Organic"
BASELINE: Final = "Baseline"
_ORGANIC_PLATFORMS: Final = frozenset({"ios", "android"})


class CreditNotConservedError(ValueError):
    """The credits of a conversion do not add up to it."""


@dataclass(frozen=True, slots=True)
class Credit:
    """
    The part of one conversion that one touchpoint earned.

    Parameters
    ----------
    conversion_id : str
    touchpoint : Touchpoint or None
        None for the single credit of a conversion that nothing can be
        credited for, where ``reason`` says why, and for the baseline.
    channel : str
        The touchpoint's; without one, ``Direct`` on web and server and
        ``Organic`` in apps, or ``Baseline``.
    share : float
        In [0, 1]; the shares of a conversion sum to 1.
    amount : Decimal
        In the conversion's currency; the amounts sum to its value exactly.
    """

    conversion_id: str
    touchpoint: Touchpoint | None
    channel: str
    share: float
    amount: Decimal
    reason: UnattributedReason | None = None


def credit(spec: MethodSpec, journey: Journey, lookbacks: Lookbacks | None = None) -> list[Credit]:
    """
    Return the credits of one conversion under a rule-based method.

    Parameters
    ----------
    spec : MethodSpec
    journey : Journey
        Touchpoints in any order.
    lookbacks : Lookbacks, optional
        30 days for clicks and visits, 24 hours for views by default.

    Returns
    -------
    list of Credit
        In touch order, one for every touchpoint that the method did not
        remove; some may be zero. Never empty: a conversion without any gets
        one credit with ``touchpoint=None``. A method that knows a baseline
        adds one for it, with ``touchpoint=None``, no reason and the channel
        ``Baseline``.

    Raises
    ------
    NaiveInstantError
        If an instant carries no time zone.
    BadAmountError
        If the conversion's value is not finite.

    Notes
    -----
    Time O(n log n) for n touchpoints. `credit_arrays` gives the same shares for
    many journeys at once.

    Examples
    --------
    >>> from datetime import UTC, datetime, timedelta
    >>> from attribution.journeys import TouchKind
    >>> from attribution.methods.multi_touch import position_based
    >>> noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    >>> path = tuple(
    ...     Touchpoint(str(day), TouchKind.CLICK, noon - timedelta(days=day), noon, "Email") for day in (1, 2, 3)
    ... )
    >>> sale = Conversion("c1", noon, Decimal("99.99"), "EUR")
    >>> [(one.share, str(one.amount)) for one in credit(position_based(), Journey(sale, path))]
    [(0.4, '40.00'), (0.2, '20.00'), (0.4, '39.99')]
    """
    lookbacks = lookbacks or Lookbacks()
    pool = [one for one in candidates(journey, lookbacks, spec.prefers, spec.repeats) if not one.removed_by]
    conversion = journey.conversion
    if not pool:
        reason = unattributed_reason(journey, lookbacks)
        amount = split_money(conversion.value, [1.0], conversion.currency)[0]
        return [Credit(conversion.id, None, touchless_channel(conversion), 1.0, amount, reason)]
    shares = pool_shares(spec, pool, journey)
    rest = [max(0.0, 1.0 - fsum(shares))] if isinstance(spec.weighting, Intensity) else []
    amounts = split_money(conversion.value, [*shares, *rest], conversion.currency)
    earned = [
        Credit(conversion.id, one.touchpoint, one.touchpoint.channel, share, amount)
        for one, share, amount in zip(pool, shares, amounts, strict=False)
    ]
    return earned + [Credit(conversion.id, None, BASELINE, share, amounts[-1]) for share in rest]


def pool_shares(spec: MethodSpec, pool: list[Candidate], journey: Journey) -> list[float]:
    """Return the shares of the touchpoints that a method did not remove, in touch order."""
    return shares_of(spec.weighting, pool, milestone_age_ms(journey))


def touchless_channel(conversion: Conversion) -> str:
    """Return the channel of a conversion that no touchpoint can be credited for."""
    return ORGANIC if conversion.platform in _ORGANIC_PLATFORMS else Channel.DIRECT.value


def check_conserved(journeys: Iterable[Journey], given: Iterable[Credit]) -> None:
    """
    Check that every conversion was given away exactly once.

    Parameters
    ----------
    journeys : iterable of Journey
    given : iterable of Credit
        In any order.

    Raises
    ------
    CreditNotConservedError
        If a conversion's shares do not sum to 1 within 1e-9, one is negative
        or not finite, its amounts do not sum to its value exactly, or a
        conversion is missing, unknown or given twice.

    Notes
    -----
    Time O(n).
    """
    by_conversion: dict[str, list[Credit]] = defaultdict(list)
    for one in given:
        by_conversion[one.conversion_id].append(one)
    for journey in journeys:
        conversion = journey.conversion
        parts = by_conversion.pop(conversion.id, [])
        if not parts:
            raise CreditNotConservedError(f"conversion {conversion.id}: no credits, or the journey comes twice")
        if not all(isfinite(part.share) and part.share >= 0 for part in parts):
            raise CreditNotConservedError(f"conversion {conversion.id}: a share is negative or not finite")
        if abs(fsum(part.share for part in parts) - 1) > TOLERANCE:
            raise CreditNotConservedError(f"conversion {conversion.id}: shares do not sum to 1")
        if sum((part.amount for part in parts), Decimal(0)) != conversion.value:
            raise CreditNotConservedError(f"conversion {conversion.id}: amounts do not sum to {conversion.value}")
    if by_conversion:
        raise CreditNotConservedError(f"conversion {min(by_conversion)}: credited without a journey")
