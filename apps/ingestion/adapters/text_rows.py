"""Rows of text, one after the other in bounded memory: separated by a sign, or as JSON, a line each or in one list."""

import csv
import io
import json
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import IO, Any, NamedTuple, Protocol

import msgspec

from apps.ingestion.adapters.file_bytes import UnreadableFile
from apps.ingestion.adapters.quoted_lines import LONGEST_ROW, QuotedLines
from apps.ingestion.domain.row_words import EXTRA_CELLS, EXTRA_SEPARATOR, FEWER_CELLS

NamesOf = Callable[[list[str]], list[str]]

SEPARATORS = ",;\t|"
_MOST_ABOVE = 20  # lines above a header: the name of a report, its days, whose account it is
_BLOCK = 65_536
_MOST_EMPTY = 10_000  # lines between two rows; packed, millions of them are a few bytes
_UNDECODED = range(0xDC80, 0xDD00)  # where Python puts bytes that are no letters
_BEHIND = "Behind the list stands something else, which is not read."
_DECODER = msgspec.json.Decoder(dict[str, Any])
_OPEN = "A quote that is opened here is not closed. The lines below were read without it."
_OTHER_LETTERS = "These letters are not {encoding}: name the encoding, such as cp1252 for Excel in western Europe."
_MARK = "\ufeff"  # at the beginning of a text, of how it is written, and no part of it


class Header(Protocol):
    """What knows the names of columns. Raises UnreadableFile."""

    def names_of(self, header: list[str]) -> list[str]:
        """Return the names for a header."""

    def said_by(self, header: list[str]) -> dict[str, str]:
        """Return cells that hold for all rows."""

    def is_header(self, cells: list[str]) -> bool:
        """Tell whether *cells* are a header, and not a line above it."""


class NumberedRow(NamedTuple):
    """A row, or why it could not be read: its number from 1, the line it begins on, and what stood there."""

    number: int
    row: dict[str, Any] | None
    problem: str = ""
    line: int = 0
    content: str = ""


class LineTooLong(ValueError):
    """A line is longer than any row."""


class Lines:
    """The lines of a text, counted; one that is too long is left out without being kept. Raises LineTooLong."""

    def __init__(self, raw: IO[bytes], encoding: str) -> None:
        self.text = io.TextIOWrapper(raw, encoding=encoding, errors="surrogateescape", newline="")
        self.encoding, self.count = encoding, 0
        self._again = deque[str]()

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        if self._again:
            self.count += 1
            return self._again.popleft()
        line = part = self.text.readline(LONGEST_ROW)
        if not line:
            raise StopIteration
        if not self.count:
            line = self.unmarked(line)
        self.count += 1
        if len(part) < LONGEST_ROW:
            return line
        while part and not part.endswith(("\n", "\r")):
            part = self.text.readline(LONGEST_ROW)
        raise LineTooLong(f"The line is longer than {LONGEST_ROW:,} characters.")

    def give_back(self, taken: list[str]) -> None:
        """Have the lines that were *taken* last read again."""
        self._again.extendleft(reversed(taken))
        self.count -= len(taken)

    def unmarked(self, beginning: str) -> str:
        """Return the *beginning* of the text without a mark, which an encoding that somebody says leaves there."""
        return beginning.removeprefix(self._mark_of_utf8()).lstrip(_MARK)

    def _mark_of_utf8(self) -> str:
        """Return what the mark looks like in the encoding, if like anything."""
        try:
            return _MARK.encode().decode(self.encoding, "surrogateescape")
        except UnicodeError:
            return ""

    def problem(self, text: str) -> str:
        """Return what is wrong with the letters of *text*, or nothing."""
        if text.isascii() or not any(ord(letter) in _UNDECODED for letter in text):
            return ""
        return _OTHER_LETTERS.format(encoding=self.encoding.upper().removesuffix("-SIG"))


def separated(lines: Lines, separator: str, known: Header) -> Iterator[NumberedRow]:
    """Yield the rows below the header, each with the names for it. Raises UnreadableFile."""
    try:
        first = _first_line(lines)
        stated = first.strip().lower()
        if len(stated) == 5 and stated.startswith("sep="):  # how Excel is told
            separator, first = first.strip()[4], _first_line(lines)
        first = _header_line(first, lines, separator, known)
        chosen = separator or _separator_of(first)
        header = next(csv.reader(_Again(first, lines), delimiter=chosen))
    except (LineTooLong, csv.Error) as error:
        raise UnreadableFile(f"The header cannot be read: {error}") from None
    if problem := lines.problem("".join(header)):
        raise UnreadableFile(f"The header cannot be read. {problem}")
    names = [name.strip() or f"column {place}" for place, name in enumerate(header, 1)]
    yield from _below(lines, chosen, known.names_of(names), known.said_by(names))


def json_rows(lines: Lines) -> Iterator[NumberedRow]:
    """Yield the rows of JSON Lines."""
    number, gap = 0, _Gap()
    while True:
        try:
            line = next(lines)
        except StopIteration:
            return
        except LineTooLong as error:
            number += 1
            yield NumberedRow(number, None, str(error), lines.count)
            continue
        if not line.strip() and not gap.is_over(lines.count):
            continue
        gap.end(lines.count)
        number += 1
        if not line.strip():
            yield NumberedRow(number, None, gap.problem, lines.count)
            continue
        one = _json_row(NumberedRow(number, None, "", lines.count, line), lines)
        yield one if one.row is None else one._replace(content="")  # its cells tell it


def listed(lines: Lines) -> Iterator[NumberedRow]:
    """Yield the rows of a JSON list, however its lines are broken, and of lists behind it."""
    text = lines.text
    decode = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode  # tells where a row ends, and no more
    held, line, number, is_whole = lines.unmarked(text.read(_BLOCK)).lstrip(" \t\r\n")[1:], 1, 0, False
    while True:
        rest = held.lstrip(" \t\r\n,")
        line += held[: len(held) - len(rest)].count("\n")
        if rest[:1] == "]":
            rest, behind = _behind_list(rest[1:], text)
            line += behind
            if not rest:
                return
            if rest[:1] != "[":
                yield NumberedRow(number + 1, None, _BEHIND, line, rest[:_BLOCK])
                return
            held, is_whole = rest[1:], False
            continue
        more = text.read(_BLOCK) if not rest or not is_whole else ""
        held, is_whole = rest + more, True
        try:
            value, end = decode(held)
        except (ValueError, RecursionError) as error:
            is_whole = False
            if not more or len(held) > LONGEST_ROW:
                detail = lines.problem(held[:_BLOCK]) or f"the list is broken from here on: {error}"
                yield NumberedRow(number + 1, None, detail, line, held[:_BLOCK])
                return
            continue
        number += 1
        one = NumberedRow(number, None, "no JSON object", line, held[:end])
        yield _json_row(one, lines) if isinstance(value, dict) else one
        line += held[:end].count("\n")
        held = held[end:]


def _json_row(one: NumberedRow, lines: Lines) -> NumberedRow:
    """Return *one* with the row that its content is, or with why it is none."""
    try:
        return one._replace(row=_DECODER.decode(one.content), problem="")
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        return one._replace(problem=lines.problem(one.content) or str(error))


def _behind_list(rest: str, text: IO[str]) -> tuple[str, int]:
    """Return what stands behind the end of a list, and how many lines below it."""
    below = 0
    while True:
        found = rest.lstrip(" \t\r\n\ufeff")
        below += rest[: len(rest) - len(found)].count("\n")
        if found or not (rest := text.read(_BLOCK)):
            return found, below


def _first_line(lines: Lines) -> str:
    line = next((line for line in islice(lines, _MOST_EMPTY) if line.strip()), "")
    if not line and lines.count >= _MOST_EMPTY:
        raise UnreadableFile(f"The file begins with {_MOST_EMPTY:,} empty lines.")
    if not line:
        raise UnreadableFile("The file is empty.")
    return line


def _header_line(first: str, lines: Lines, separator: str, known: Header) -> str:
    """Return the first line that is a header, and *first* where none of the next is."""
    taken: list[str] = []
    line = first
    while not known.is_header(next(csv.reader([line], delimiter=separator or _separator_of(line)), [])):
        if len(taken) == _MOST_ABOVE or not (line := next(lines, "")):
            lines.give_back(taken)
            return first
        taken.append(line)
    return line


def _separator_of(header: str) -> str:
    outside = "".join(header.split('"')[::2])
    return max(SEPARATORS, key=outside.count)


class _Gap:
    """The empty lines since the last row: too many count as a row that was not understood, so no reader is held up."""

    problem = f"{_MOST_EMPTY:,} empty lines"

    def __init__(self, last: int = 0) -> None:
        self._last = last

    def is_over(self, line: int) -> bool:
        """Tell whether *line* is the last of too many."""
        return line - self._last >= _MOST_EMPTY

    def end(self, line: int) -> None:
        """Begin anew behind *line*."""
        self._last = line


class _Again:
    """Lines of which the first was read already, up to as many as a row may have. Raises LineTooLong."""

    def __init__(self, first: str, lines: Lines) -> None:
        self._first, self._lines, self._left = first, lines, LONGEST_ROW

    def __iter__(self) -> "_Again":
        return self

    def __next__(self) -> str:
        first, self._first = self._first, ""
        line = first or next(self._lines)
        self._left -= len(line)
        if self._left < 0:
            raise LineTooLong(f"The line is longer than {LONGEST_ROW:,} characters.")
        return line


def _below(lines: Lines, separator: str, names: list[str], said: dict[str, str]) -> Iterator[NumberedRow]:
    fed = QuotedLines(lines, separator, len(names))
    reader = csv.reader(fed, delimiter=separator)
    number, gap = 0, _Gap(lines.count)
    while True:
        begins_on, problem, words = fed.begin(), "", ""
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, LineTooLong) as error:
            cells, problem = [], str(error)
        if not cells and not problem:
            if not gap.is_over(begins_on):
                continue
            problem = gap.problem
        gap.end(begins_on)
        number += 1
        if fed.is_open:
            yield NumberedRow(number, None, _OPEN, begins_on, fed.taken[0])
            continue
        if not problem and len(cells) != len(names):
            problem, words = _unequal(cells, len(names))
        problem = f"{problem}{_until(begins_on, fed)}{words}" if problem else lines.problem("".join(cells))
        row = None if problem else dict(zip(names, cells, strict=True))
        if said and row is not None:
            row |= said
        yield NumberedRow(number, row, problem, begins_on, separator.join(cells) if problem else "")


def _unequal(cells: list[str], wanted: int) -> tuple[str, str]:
    """Return how many cells a row has, and what may be wrong where the header has another number.

    A row with one more, empty cell at its end is no exception: `12,5` that is not in quotes shifts the cells behind it.
    """
    counts = f"{len(cells)} cells where the header has {wanted}"
    if len(cells) < wanted:
        return counts, f". {FEWER_CELLS}"
    return counts, f". {EXTRA_CELLS if any(cells[wanted:]) else EXTRA_SEPARATOR}"


def _until(begins_on: int, fed: QuotedLines) -> str:
    """Say where a row ends that took several lines."""
    return f", to line {begins_on + len(fed.taken) - 1}" if len(fed.taken) > 1 else ""
