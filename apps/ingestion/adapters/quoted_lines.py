"""The lines of separated text: those below a quote that is not closed, or that swallows rows, stay rows of their own.

Each line is looked at a few times, however many quotes are opened above it: what was found out is kept for the next.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from apps.ingestion.adapters.file_bytes import BROKEN

LONGEST_ROW = 1_000_000  # characters, in however many lines
# A cell may be as long as its row. The module has one limit for the whole process, and nobody else reads long cells.
csv.field_size_limit(LONGEST_ROW)

_TO_A_QUOTE = re.compile(r'[^"]*(?:""[^"]*)*"')
_ENDS = (*BROKEN, StopIteration, ValueError, OSError)
_UNSOUND = 1_000_000_000  # counted as cells of a line in which text stands behind a closing quote: no row has so many


class _Counted(Protocol):
    count: int

    def __next__(self) -> str: ...


class _Rows(NamedTuple):
    """Whether lines below read like rows, and how many lines are left where that was decided."""

    are_rows: bool
    left: int


class QuotedLines:
    """Feeds a reader of CSV, which asks for as many lines of a record of so many *cells* as its quotes need."""

    def __init__(self, lines: _Counted, separator: str, cells: int) -> None:
        self._lines, self._separator, self._wanted = lines, separator, cells
        self._fed = lines.count
        # The lines below, as they are inside quotes, up to the one that closes them; how many cells each adds.
        self._below, self._adds = deque[str](), deque[int]()
        self._size = self._added = 0  # of all of them
        self._is_closed = self._ends_a_cell = False  # by the last of them
        self._rows: _Rows | None = None
        self._end: Exception | None = None  # behind them
        self.taken: list[str] = []  # of the record that is being read
        self.is_open = False  # its quotes are not closed, or they have swallowed rows

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) == 1 and not self._goes_on(self.taken[0]):
            self.is_open = True
            raise StopIteration
        self._fed += 1
        self.taken.append(line := self._next())
        return line

    def begin(self) -> int:
        """Begin a record, and return the number of its first line."""
        self.taken, self.is_open = [], False
        return self._fed + 1

    def _next(self) -> str:
        if self._below:
            line = self._below.popleft()
            self._size -= len(line)
            self._added -= self._adds.popleft()
            self._is_closed = self._is_closed and bool(self._below)
            return line
        end, self._end = self._end, None
        if end:
            raise end
        return next(self._lines)

    def _goes_on(self, first: str) -> bool:
        """Tell whether the quote that is open at the end of *first* is closed, and has swallowed no rows.

        It has where the record is no row, and the lines below read like rows, or the closing quote opens a cell of one.
        """
        if not self._is_closed_for(first):
            return False
        if self._added + _cells(first, self._separator) == self._wanted:
            return True
        if self._rows is None or self._rows.left > len(self._below):
            self._rows = self._rows_below()
        return self._ends_a_cell and not self._rows.are_rows

    def _is_closed_for(self, first: str) -> bool:
        """Read on to the line that closes the quote, and tell whether there is one within the longest row."""
        while not self._is_closed and not self._end and len(first) + self._size < LONGEST_ROW:
            try:
                self._look_at(next(self._lines))
            except _ENDS as end:  # the text ends, is broken or has too long a line: told when its turn comes
                self._end = end
        return self._is_closed and len(first) + self._size < LONGEST_ROW

    def _look_at(self, line: str) -> None:
        adds, self._is_closed = _inside(line, self._separator)
        self._below.append(line)
        self._adds.append(adds)
        self._size += len(line)
        self._added += adds
        self._rows = None
        if self._is_closed:
            self._ends_a_cell = _ends_a_cell(line, self._separator)

    def _rows_below(self) -> _Rows:
        """Tell whether the lines below are rows; a line that decides it does so for all lines above it."""
        left, added = len(self._below), self._added
        for line, adds in zip(self._below, self._adds, strict=True):
            left, added = left - 1, added - adds
            cells, is_open = _read(line, self._separator)
            if is_open:
                return _Rows(left > 0 and cells + added == self._wanted, left + 1)
            if cells not in (0, self._wanted):
                return _Rows(are_rows=False, left=left + 1)
        return _Rows(are_rows=True, left=0)


def _read(line: str, separator: str) -> tuple[int, bool]:
    """Return how many cells *line* has, and whether a quote is open at its end."""
    for is_strict in (True, False):
        feed = iter((line, '"\n'))  # the second is asked for where a quote is open
        try:
            cells = len(next(csv.reader(feed, delimiter=separator, strict=is_strict)))
        except csv.Error:
            continue
        return cells if is_strict else _UNSOUND, next(feed, None) is None
    return _UNSOUND, False


def _cells(line: str, separator: str) -> int:
    return _read(line, separator)[0]


def _inside(line: str, separator: str) -> tuple[int, bool]:
    """Return how many cells *line* adds to a record in whose quotes it begins, and whether it ends outside of them."""
    if '"' not in line:
        return 0, False
    cells, is_open = _read(f'"{line}', separator)
    return cells - 1, not is_open


def _ends_a_cell(line: str, separator: str) -> bool:
    """Tell whether the first quote of *line* that is not doubled has behind it what stands behind a cell."""
    quote = _TO_A_QUOTE.match(line)
    return quote is not None and line[quote.end() : quote.end() + 1] in ("", separator, "\r", "\n")
