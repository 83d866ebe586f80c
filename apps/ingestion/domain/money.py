"""Amounts as clients send them: numbers and texts become exact decimals, anything else is not money."""

from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

_LARGEST = Decimal(10) ** 14  # the column keeps 18 digits, four of them behind the point
_PLACES = Decimal("0.0001")
_NO_CURRENCY = "A currency is a code of three letters, such as EUR."


class NotMoney(ValueError):
    """The value is no amount that can be added up."""


def amount(value: Any) -> Decimal | None:
    """Return *value* as a decimal with four places, or None where nothing was sent. Raises NotMoney."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise NotMoney("An amount is a number, or a text that holds one.")
    return _amount(str(value))


def currency_code(value: Any) -> str:
    """Return *value* as an ISO 4217 code, or an empty text where nothing was sent. Raises NotMoney."""
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        raise NotMoney(_NO_CURRENCY)
    return _code(value)


@lru_cache(maxsize=1_024)
def _code(text: str) -> str:
    code = text.strip().upper()
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise NotMoney(_NO_CURRENCY)
    return code


@lru_cache(maxsize=65_536)
def _amount(text: str) -> Decimal:
    if len(text) > 400:
        raise NotMoney("The amount has too many digits.")
    try:
        exact = Decimal(text.strip())
    except InvalidOperation:
        raise NotMoney(f"{text[:40]!r} is not a number.") from None
    if not exact.is_finite():
        raise NotMoney(f"{text[:40]!r} cannot be added up.")
    if exact.copy_abs() >= _LARGEST:  # abs() rounds, and fails where the exponent is absurd
        raise NotMoney("The amount is too large: it must stay below 10 to the power of 14.")
    return exact.quantize(_PLACES)
