"""Rows of files, one after the other, with their numbers; a file of any size passes in little memory."""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Set
from pathlib import Path
from typing import IO, NamedTuple, cast

import msgspec

from apps.ingestion.adapters.file_bytes import (
    BROKEN,
    Beginning,
    UnreadableFile,
    encoding_of,
    head_of,
    inner_name,
    opened,
)
from apps.ingestion.adapters.parquet_rows import parquet_rows
from apps.ingestion.adapters.text_rows import SEPARATORS, Lines, NumberedRow, json_rows, listed, separated

__all__ = ["FORMATS", "NumberedRow", "RowFile", "UnreadableFile", "format_of", "read_rows"]

FORMATS = ("csv", "tsv", "jsonl", "parquet")
_ENDS = f".{', .'.join(FORMATS[:-1])} or .{FORMATS[-1]}"
_BY_NAME = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_PARQUET, _LOCKED_PARQUET = b"PAR1", b"PARE"
_A_LIST = re.compile(r'\[\s*(?:\{\s*["}]|\]\s*\Z)')
_SEPARATOR_OF = {"csv": "", "tsv": "\t"}  # of csv the header tells
_IN_CURRENCY = re.compile(r"(.*\S)\s*\(([A-Z]{3})\)")
_CURRENCY = "currency"


class RowFile(NamedTuple):
    """How a file is read: its format, how its letters are written, what becomes of names, and which must be single.

    *most* bytes of its text are read at the most, 0 for all of it.
    """

    form: str
    encoding: str = ""
    rename: Callable[[str], str] = str
    wanted: Set[str] = frozenset()
    most: int = 0

    def names_of(self, header: list[str]) -> list[str]:
        """Return the names for a header; one that comes twice is told, or set apart where nobody reads it."""
        names: list[str] = []
        seen: Counter[str] = Counter()
        for name in header:
            known = self._known(name)[0]
            seen[known] += 1
            if seen[known] > 1 and known in self.wanted:
                raise UnreadableFile(f"The header has {name!r} twice: which of them is to be read?")
            names.append(known if seen[known] == 1 else f"{known} ({seen[known]})")
        return names

    def said_by(self, header: list[str]) -> dict[str, str]:
        """Return what a header says of all rows: a currency that stands behind the name of an amount."""
        said = {currency for _, currency in map(self._known, header) if currency}
        if len(said) > 1:
            raise UnreadableFile(f"The header has amounts in several currencies: {', '.join(sorted(said))}.")
        is_needed = _CURRENCY in self.wanted and _CURRENCY not in map(self.rename, header)
        return {_CURRENCY: said.pop()} if said and is_needed else {}

    def is_header(self, cells: list[str]) -> bool:
        """Tell whether *cells* name columns that the mapping reads, and not one alone by chance."""
        return len(self.wanted & {self._known(cell)[0] for cell in cells}) >= min(2, len(self.wanted))

    def _known(self, name: str) -> tuple[str, str]:
        """Return the name for a column, and the currency in it: `Amount spent (EUR)` where `amount_spent` is read."""
        known, found = self.rename(name), _IN_CURRENCY.fullmatch(name.strip())
        if found and known not in self.wanted and (amount := self.rename(found[1])) in self.wanted:
            return amount, found[2]
        return known, ""


def format_of(path: Path) -> str:
    """Return the format of *path*: what its content proves, else what its name says. Raises UnreadableFile."""
    head = head_of(path)
    if head.startswith(_PARQUET):
        return "parquet"
    if head.startswith(_LOCKED_PARQUET):
        raise UnreadableFile(f"{path.name} is encrypted: write it without a key.")
    text = _beginning(head)
    if _is_list(text) or _is_object(text.partition("\n")[0]):
        return "jsonl"
    name = inner_name(path)
    said = _BY_NAME.get(Path(name).suffix.lower(), "")
    if said == "parquet":
        raise UnreadableFile(f"{name} is no Parquet file.")
    if said:
        return said
    if text and "\0" not in text and any(sign in text.partition("\n")[0] for sign in SEPARATORS):
        return "csv"
    raise UnreadableFile(f"{path.name} does not show its format: let its name end in {_ENDS}.")


def read_rows(path: Path, how: RowFile) -> Iterator[NumberedRow]:
    """Yield the rows of *path*, and why a row could not be read in the place of one. Raises UnreadableFile."""
    if how.form == "parquet":
        yield from parquet_rows(path, how.names_of)
        return
    head = head_of(path)
    if not head:
        raise UnreadableFile(f"{path.name} is empty.")
    encoding = how.encoding or encoding_of(head)
    last = NumberedRow(0, None)
    try:
        with opened(path) as raw:
            some = cast("IO[bytes]", io.BufferedReader(Beginning(raw, how.most))) if how.most else raw
            for last in _text(Lines(some, encoding), how, is_list=_is_list(_beginning(head))):
                yield last
    except BROKEN as error:
        yield _broken(last, f"the compressed file is broken from here on: {error}")
    except (UnicodeError, OSError) as error:
        yield _broken(last, f"the file is broken from here on: {error}")


def _broken(last: NumberedRow, problem: str) -> NumberedRow:
    return NumberedRow(last.number + 1, None, problem, last.line + 1)


def _text(lines: Lines, how: RowFile, *, is_list: bool) -> Iterator[NumberedRow]:
    if how.form in _SEPARATOR_OF:
        yield from separated(lines, _SEPARATOR_OF[how.form], how)
        return
    for one in listed(lines) if is_list else json_rows(lines):
        if one.row is None:
            yield one
            continue
        row = {how.rename(name): value for name, value in one.row.items()}
        is_single = len(row) == len(one.row)
        problem = "" if is_single else "Two members of the row have names that become one."
        yield one._replace(row=row if is_single else None, problem=problem)


def _beginning(head: bytes) -> str:
    return head.decode(encoding_of(head), errors="replace").lstrip("\ufeff \t\r\n")


def _is_object(line: str) -> bool:
    try:
        return isinstance(msgspec.json.decode(line), dict)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False  # also the header of an export by Adjust, which begins with {


def _is_list(text: str) -> bool:
    return _A_LIST.match(text) is not None
