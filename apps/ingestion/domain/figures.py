"""Counts and amounts as reports of ad platforms write them: with separators of thousands, commas, signs of currencies.

What can mean two numbers is refused, never guessed: 1,234 is one thousand in New York and one and a bit in Berlin.
"""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from apps.ingestion.domain.row_words import (
    NO_COUNT,
    OTHER_CURRENCY,
    UNCLEAR_AMOUNT,
    UNCLEAR_COUNT,
    UNCLEAR_CURRENCY,
)

_SPACES = re.compile("(?<=[0-9])[ '\u00a0\u2009\u202f\u2019](?=[0-9]{3}(?![0-9]))")
_ANY_SPACE = re.compile("[\\s\u00a0\u2009\u202f]+")
_GROUPED = {
    ",": re.compile(r"[1-9]\d?(?:,\d\d)*,\d{3}|[1-9]\d{0,2}(?:,\d{3})+"),
    ".": re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+"),
}
_SIGNED = re.compile("(-?)([^0-9.,-]*)(-?[.,]?[0-9](?:[0-9.,' \u00a0\u2009\u202f\u2019]*[0-9])?)([^0-9.,-]*)")
_DIGITS = re.compile("[0-9]*")
_NO_PART = re.compile("[.,]0+$")
_CODE = re.compile("[A-Za-z]{3}")
_SIGNS = {"€": "EUR", "£": "GBP", "₽": "RUB", "₹": "INR", "₸": "KZT", "₺": "TRY", "₴": "UAH", "zł": "PLN", "US$": "USD"}
_SHARED = {
    "$": frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "CLP", "COP", "ARS"}),
    "¥": frozenset({"JPY", "CNY"}),
}
_NOTHING = ("-", "--", "–", "—")


class UnclearFigure(ValueError):
    """A figure may mean two numbers, or none; *field* says which."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class Number(NamedTuple):
    """A number with a point, and the sign of decimals that it proves, if it does; empty where it may be two numbers."""

    text: str
    decimal: str


def read_spend(event: dict[str, Any], *, decimal: str, currency: str) -> None:
    """Write the figures of ad spend as clients do. Raises UnclearFigure.

    *decimal* is the sign before decimals where the file or a person says it, *currency* what holds without one.
    """
    properties = event.get("properties")
    if not isinstance(properties, dict):
        return
    if isinstance(properties.get("value"), str):
        properties |= _money(properties["value"], properties.get("currency"), decimal, currency)
    for name in ("clicks", "impressions"):
        if isinstance(properties.get(name), str):
            _count(properties, name, decimal)


def decimal_of(amounts: Iterable[str]) -> str:
    """Return the sign before decimals that *amounts* prove together, or nothing."""
    proved = {found.decimal for text in amounts if (found := number(_bare(text)[0])) and found.decimal}
    return proved.pop() if len(proved) == 1 else ""


def number(said: str) -> Number | None:
    """Return what digits, points, commas and spaces of thousands mean; None where they are no number."""
    is_spaced = bool(_SPACES.search(said))
    text = _SPACES.sub("", said)
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    if digits.isdecimal() and digits.isascii():
        return Number(text, "")
    found = _with_mark(digits, is_spaced=is_spaced)
    return found._replace(text=f"{sign}{found.text}") if found and found.text else found


def _with_mark(digits: str, *, is_spaced: bool) -> Number | None:
    last = max(digits.rfind(","), digits.rfind("."))
    whole, mark, part = digits[:last], digits[last : last + 1], digits[last + 1 :]
    if last < 0 or not part.isdecimal():
        return None
    other = "," if mark == "." else "."
    if mark in whole:
        return Number(digits.replace(mark, ""), other) if _GROUPED[mark].fullmatch(digits) else None
    if len(part) == 3 and not is_spaced and _GROUPED[mark].fullmatch(digits):
        return Number("", "")
    if _GROUPED[other].fullmatch(whole) or _DIGITS.fullmatch(whole):
        return Number(f"{whole.replace(other, '') or '0'}.{part}", mark)
    return None


def _money(said: str, currency: Any, decimal: str, usual: str) -> dict[str, Any]:
    text, named = _bare(said)
    found = number(text)
    if found is None:
        return {}  # the step that reads money says what is wrong with it
    value = found.text or _decided(text, decimal)
    if not value:
        raise UnclearFigure("properties.value", UNCLEAR_AMOUNT)
    read = said if value == said.strip() else value  # what needs no reading keeps the id that it gives its row
    return {"value": read} | _currency(named, currency, usual)


def _currency(named: str, said: Any, usual: str) -> dict[str, str]:
    """Return the currency that stands beside an amount, unless it is said elsewhere. Raises UnclearFigure."""
    if not named:
        return {}
    known = str(said or "").strip().upper()
    code = _SIGNS.get(named, named.upper() if _CODE.fullmatch(named) else "")
    if code and known in ("", code):
        return {"currency": code}
    if not code and (known or usual) in _SHARED.get(named, ()):
        return {}
    raise UnclearFigure("properties.currency", OTHER_CURRENCY if code or known else UNCLEAR_CURRENCY)


def _count(properties: dict[str, Any], name: str, decimal: str) -> None:
    """A count has no decimals: 1,234 is one thousand, and 1.000 may be one or one thousand. Raises UnclearFigure."""
    field, said = f"properties.{name}", properties[name].strip()
    if said in _NOTHING or not said:
        del properties[name]
        return
    text = _SPACES.sub("", said)
    if not (text.isdecimal() and text.isascii()):
        properties[name] = _whole(text, field, decimal)
    elif text != said:
        properties[name] = text


def _whole(text: str, field: str, decimal: str) -> str:
    if not _GROUPED[_mark(text)].fullmatch(text):
        text = _NO_PART.sub("", text)
        if text.isdecimal():
            return text
    mark = _mark(text)
    if not _GROUPED[mark].fullmatch(text):
        raise UnclearFigure(field, NO_COUNT)
    is_float = mark == "." and text.endswith(".000") and decimal != ","  # as programs write whole numbers, too
    if text.count(mark) == 1 and (mark == decimal or is_float):
        raise UnclearFigure(field, UNCLEAR_COUNT)
    return text.replace(mark, "")


def _mark(text: str) -> str:
    return "." if "." in text else ","


def _bare(said: str) -> tuple[str, str]:
    """Return a number and the currency beside it, if one is."""
    text = said.strip()
    found = _SIGNED.fullmatch(text)
    if found is None:
        return text, ""
    minus, before, digits, after = found.groups()
    names = [_ANY_SPACE.sub("", part) for part in (before, after)]
    return (text, "") if all(names) else (minus + digits, names[0] or names[1])


def _decided(text: str, decimal: str) -> str:
    """Return what an unclear number is where *decimal* says it."""
    if not decimal:
        return ""
    return text.replace(decimal, ".") if decimal in text else text.replace("," if decimal == "." else ".", "")
