"""Rows for people who take a table with them: text that no spreadsheet runs as a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

# What makes a spreadsheet read a cell as a formula. A tab or return is stripped first and the next sign then counts.
_STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Cell = str | int | float | Decimal | None


def safe_cell(value: Cell) -> str:
    """Return *value* as text; a text that begins like a formula is put behind an apostrophe, a number stays one."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    text = value.replace("\x00", "")
    return f"'{text}" if text.lstrip(" ").startswith(_STARTERS) else text


class _Line:
    """A file that csv writes into and that keeps only the last line."""

    def write(self, text: str) -> str:
        """Return what csv would have written."""
        return text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield the lines of a CSV file, first a byte order mark so that spreadsheets read UTF-8."""
    writer = csv.writer(_Line())
    yield "\ufeff"
    yield writer.writerow([safe_cell(cell) for cell in header])
    for row in rows:
        yield writer.writerow([safe_cell(cell) for cell in row])
