"""Amounts in texts, as people and other programs write them, for casts: the sign stays, and what is unclear is left."""

import re
import string
import unicodedata
from decimal import Decimal
from typing import Any

from babel.numbers import list_currencies

from apps.ingestion.domain import figures
from apps.quality.domain import rules

_AMOUNT = re.compile(r"(?P<before>[^0-9.,]*)(?P<digits>[.,]?[0-9](?:[0-9.,'\u2019\s]*[0-9])?)(?P<after>.*)", re.DOTALL)
_MINUS, _MARKS = "\u2212", f"+-(){string.whitespace}\u00a0\u2009\u202f"
# What stands before and behind an amount, and the sign that it means: anything else may mean something else.
_SIGNS = {("", ""): "", ("+", ""): "", ("-", ""): "-", ("", "-"): "-", ("(", ")"): "-"}
_CURRENCIES = list_currencies() | {"US$", "zł", "kr", "Kč", "руб", "руб.", "р."}


def as_number(value: Any) -> Decimal | None:
    """Return an amount as people write it: 1.234,50 € and 1,234.50 are the same, (5), 5- and -$5 are below zero.

    None where it may be two numbers, or where something stands beside it that may change what it means, as in 5 CR.
    """
    text = value.replace(_MINUS, "-") if isinstance(value, str) else value
    found = rules.number(text)
    match = _AMOUNT.fullmatch(text) if found is None and isinstance(text, str) else None
    if match is None:
        return found
    sign = _SIGNS.get((_marks(match["before"]), _marks(match["after"])))
    figure = figures.number(match["digits"])
    return rules.number(sign + figure.text) if sign is not None and figure else None


def _marks(side: str) -> str:
    """Return what stands on one side of an amount, without blanks and a currency."""
    word = side.strip(_MARKS)
    is_sign = len(word) == 1 and unicodedata.category(word) == "Sc"
    is_currency = is_sign or word in _CURRENCIES or word.upper() in _CURRENCIES
    return "".join((side.replace(word, "", 1) if is_currency else side).split())
