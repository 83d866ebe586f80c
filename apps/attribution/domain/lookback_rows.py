"""The lines of the form of lookbacks, as an address or a form says them: five parameters a line, in the same order."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from apps.attribution.domain.lookbacks import KEYS, LONGEST_NAME, MOST_OVERRIDES

NAMES: Final = ("lb_source", "lb_campaign", "lb_ad_group", "lb_click", "lb_view")
SPARE: Final = 2
LookbackRow = tuple[str, ...]
_EMPTY: Final[LookbackRow] = ("",) * len(NAMES)


def read_lookback_rows(query: Mapping[str, Sequence[str]]) -> list[LookbackRow] | None:
    """Return the lines that a form or an address says, or None when it says nothing about them."""
    columns = [query.get(name, ()) for name in NAMES]
    if not any(columns):
        return None
    count = min(max(len(column) for column in columns), MOST_OVERRIDES + SPARE)
    return [tuple(_word(column, at) for column in columns) for at in range(count)]


def rows_of_overrides(stored: Sequence[Mapping[str, Any]]) -> list[LookbackRow]:
    """Return the lines that say overrides."""
    return [tuple(str(one.get(name, "")) for name in (*KEYS, "click", "view")) for one in stored]


def overrides_of_rows(rows: Sequence[LookbackRow]) -> list[dict[str, Any]]:
    """Return the overrides that lines say, for `read_overrides`; hours that are no numbers stay words."""
    return [_said(row) for row in rows if any(row)]


def row_parameters(rows: Sequence[LookbackRow]) -> list[tuple[str, str]]:
    """Return lines as parameters of an address. No lines at all are a choice too, and said by an empty one."""
    kept = [row for row in rows if any(row)] or [_EMPTY]
    return [pair for row in kept for pair in zip(NAMES, row, strict=True)]


def with_spare_rows(rows: Sequence[LookbackRow]) -> list[LookbackRow]:
    """Return the lines that say something, and some empty ones to write into."""
    return [*(row for row in rows if any(row)), *[_EMPTY] * SPARE]


def _word(column: Sequence[str], at: int) -> str:
    return (column[at] if at < len(column) else "").replace("\x00", "").strip()[: LONGEST_NAME + 1]


def _said(row: LookbackRow) -> dict[str, Any]:
    names: dict[str, Any] = {name: word for name, word in zip(KEYS, row, strict=False) if word}
    return names | {kind: _hours(word) for kind, word in zip(("click", "view"), row[len(KEYS) :], strict=True) if word}


def _hours(word: str) -> float | str:
    try:
        return float(word)
    except ValueError:
        return word
