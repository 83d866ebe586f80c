"""Long lists, a page at a time. Nothing is counted: what a page costs must not grow with what it does not show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.http import QueryDict

_LAST = 100_000


class Sliceable(Protocol):
    """A queryset, or a list."""

    def __getitem__(self, part: slice, /) -> Any:
        """Return a part of it."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown, and the addresses of the pages beside it; empty where there is none."""

    rows: Sequence[Any]
    previous_url: str = ""
    next_url: str = ""


def page_of(rows: Sliceable, query: QueryDict, *, size: int, name: str = "page") -> Page:
    """Return the page that *query* asks for by *name*, the first unless it says a number; the rest of it is kept."""
    number = _number(query.get(name, ""))
    first = (number - 1) * size
    found = list(rows[first : first + size + 1])
    return Page(
        rows=found[:size],
        previous_url=_url(query, name, number - 1) if number > 1 else "",
        next_url=_url(query, name, number + 1) if len(found) > size else "",
    )


def _number(text: str) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) < 7
    return min(max(int(text), 1), _LAST) if is_number else 1


def _url(query: QueryDict, name: str, number: int) -> str:
    asked = query.copy()
    asked[name] = str(number)
    return f"?{asked.urlencode()}"
