"""Split an amount of money by shares so that the parts add up to it exactly."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor, isfinite
from typing import Final

# ISO 4217 currencies whose smallest unit is not a hundredth.
_MINOR_DIGITS: Final[dict[str, int]] = {
    currency: digits
    for digits, currencies in (
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"),
    )
    for currency in currencies.split()
}
STORED_DIGITS: Final = 4  # amounts are kept with four decimals
_RANKING_DIGITS: Final = 6  # remainders closer than this are equal, so float noise cannot choose who gets a cent


class BadAmountError(ValueError):
    """An amount is not a finite number of at most 24 digits, below 1e16 and no finer than 1e-12."""


class BadSharesError(ValueError):
    """Shares are missing, negative, not finite, or do not sum to 1."""


def minor_digits(currency: str) -> int:
    """
    Return how many decimals the smallest unit of a currency has.

    Parameters
    ----------
    currency : str
        ISO 4217 code in any case; unknown and empty codes count as 2.

    Returns
    -------
    int
        0, 2, 3 or 4.

    References
    ----------
    ISO 4217, list one, column "minor unit".

    Examples
    --------
    >>> minor_digits("JPY"), minor_digits("eur"), minor_digits("KWD")
    (0, 2, 3)
    """
    return _MINOR_DIGITS.get(currency.upper(), 2)


def split_money(value: Decimal, shares: Sequence[float], currency: str = "") -> list[Decimal]:
    """
    Split an amount by shares with the largest-remainder rule.

    Everybody gets the whole units of their part; the units left over go to
    the largest remainders, and to the earlier among equals. A negative
    amount mirrors the positive one. An amount finer than the currency's
    smallest unit is split in its own smallest unit, four decimals at least.

    Parameters
    ----------
    value : Decimal
        In units of the currency.
    shares : sequence of float
        In [0, 1], sum 1 within 1e-9, in touch order.
    currency : str
        ISO 4217 code; it sets the smallest unit.

    Returns
    -------
    list of Decimal
        As many as shares; their sum equals the value exactly.

    Raises
    ------
    BadAmountError
        If the value is not finite, or too large or too fine to add up exactly.
    BadSharesError
        If the shares are empty, negative, not finite or do not sum to 1.

    Notes
    -----
    Time O(n log n). Remainders are compared after rounding to six decimals,
    so that the last bits of a share choose nobody. Where floats cannot tell
    units apart, the split is made with fractions. A share of zero never gets
    a leftover unit.

    References
    ----------
    Balinski and Young (2001), Fair Representation, on Hamilton's method.

    Examples
    --------
    >>> split_money(Decimal("10"), [1 / 3, 1 / 3, 1 / 3], "EUR")
    [Decimal('3.34'), Decimal('3.33'), Decimal('3.33')]
    >>> split_money(Decimal("-100"), [0.5, 0.25, 0.25], "JPY")
    [Decimal('-50'), Decimal('-25'), Decimal('-25')]
    """
    _check_amount(value)
    _check_shares(shares)
    digits = _split_digits(value, minor_digits(currency))
    units = int(value.scaleb(digits))
    sign = -1 if units < 0 else 1
    return [Decimal(sign * part).scaleb(-digits) for part in split_units(abs(units), shares)]


def split_units(units: int, shares: Sequence[float]) -> list[int]:
    """
    Split a whole number of units; the core of `split_money`.

    Parameters
    ----------
    units : int
        Not negative.
    shares : sequence of float
        Not negative, sum 1.

    Returns
    -------
    list of int
        Their sum equals the units exactly.

    Examples
    --------
    >>> split_units(5, [0.5, 0.5])
    [3, 2]
    """
    quotas = [units * share for share in shares]
    parts = [floor(quota) for quota in quotas]
    remainders = [round(quota - part, _RANKING_DIGITS) for quota, part in zip(quotas, parts, strict=True)]
    leftover = units - sum(parts)
    if not 0 <= leftover <= sum(remainder > 0 for remainder in remainders):
        return _split_exactly(units, shares)
    return _give_leftover(parts, remainders, leftover)


def _split_exactly(units: int, shares: Sequence[float]) -> list[int]:
    """Split what floats are too coarse for: amounts near 2^53 units, or shares that sum to 1 only nearly."""
    total = sum(map(Fraction, shares))
    quotas = [units * Fraction(share) / total for share in shares]
    parts = [floor(quota) for quota in quotas]
    remainders = [quota - part for quota, part in zip(quotas, parts, strict=True)]
    return _give_leftover(parts, remainders, units - sum(parts))


def _give_leftover(parts: list[int], remainders: Sequence[float | Fraction], leftover: int) -> list[int]:
    ranking = sorted(range(len(parts)), key=lambda place: -remainders[place])
    for place in ranking[:leftover]:
        parts[place] += 1
    return parts


def _split_digits(value: Decimal, currency_digits: int) -> int:
    exponent = value.normalize().as_tuple().exponent
    own_digits = max(0, -exponent) if isinstance(exponent, int) else 0
    return currency_digits if own_digits <= currency_digits else max(own_digits, STORED_DIGITS)


def _check_amount(value: Decimal) -> None:
    """Refuse what the 28 digits of Python's decimal arithmetic would round."""
    if not value.is_finite():
        raise BadAmountError(f"not a finite amount: {value}")
    _, digits, exponent = value.as_tuple()
    if len(digits) > 24 or not isinstance(exponent, int) or exponent < -12 or value.adjusted() > 15:
        raise BadAmountError(f"too large or too fine an amount: {value:.3e}")


def _check_shares(shares: Sequence[float]) -> None:
    if not shares:
        raise BadSharesError("no shares to split by")
    if not all(isfinite(share) and share >= 0 for share in shares):
        raise BadSharesError("a share is negative or not finite")
    if abs(sum(shares) - 1) > 1e-9:
        raise BadSharesError(f"shares sum to {sum(shares)!r}, not 1")
