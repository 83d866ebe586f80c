"""The lines of separated text, given back where a quote that is never closed has swallowed them."""

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Protocol

_TO_A_QUOTE = re.compile(r'[^"]*(?:""[^"]*)*"')


class _Counted(Protocol):
    count: int

    def __next__(self) -> str: ...


class QuotedLines:
    """Feeds a reader of CSV, which takes as many lines for a record as its quotes need."""

    def __init__(self, lines: _Counted) -> None:
        self._lines, self._again = lines, deque[str]()
        self.taken: list[str] = []  # of the record that is being read
        self.is_open = False  # the text ended inside its quotes

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._again:
            line = self._again.popleft()
        else:
            try:
                line = next(self._lines)
            except StopIteration:
                self.is_open = bool(self.taken)
                raise
        self.taken.append(line)
        return line

    def begin(self) -> int:
        """Begin a record, and return the number of its first line."""
        self.taken, self.is_open = [], False
        return self._lines.count - len(self._again) + 1

    def give_back(self) -> str:
        """Have all but the first line of the record read again, and return that one."""
        self._again.extendleft(reversed(self.taken[1:]))
        return self.taken[0]

    def has_swallowed(self, separator: str, cells: int) -> bool:
        """Tell whether the record is no row of so many *cells*, and what stands below its first line reads like rows.

        It does where those lines are such rows, or where the quote that ended the cell opens one of theirs.
        """
        if _are_rows(self.taken, separator, cells):
            return False
        return _are_rows(self.taken[1:], separator, cells) or not _ends_a_cell(self.taken[-1], separator)


def _ends_a_cell(line: str, separator: str) -> bool:
    """Tell whether the first quote of *line* that is not doubled has behind it what stands behind a cell."""
    quote = _TO_A_QUOTE.match(line)
    return quote is not None and line[quote.end() : quote.end() + 1] in ("", separator, "\r", "\n")


def _are_rows(lines: Sequence[str], separator: str, cells: int) -> bool:
    """Tell whether *lines* are rows of so many cells, in which nothing stands behind a closing quote."""
    try:
        return all(len(row) == cells for row in csv.reader(lines, delimiter=separator, strict=True) if row)
    except csv.Error:
        return False
