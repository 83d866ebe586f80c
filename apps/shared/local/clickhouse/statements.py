"""What a statement is, as far as its way through the engine depends on it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SPACE = r"(?:\s+|--[^\n]*(?:\n|$)|\#[! ][^\n]*(?:\n|$)|/\*.*?\*/)"
_FIRST_WORD = re.compile(rf"(?:{_SPACE}|\()*([A-Za-z]+)", re.DOTALL)
_FORMAT_AT_END = re.compile(r"\sFORMAT\s+[A-Za-z][A-Za-z0-9]*\s*$", re.IGNORECASE)
_TOKEN = re.compile(
    rf"(?P<space>{_SPACE})"
    r"|(?P<quoted>'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.)*`|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<word>\w+)"
    r"|(?P<sign>.)",
    re.DOTALL,
)
_SHOWS = frozenset({"SHOW", "DESCRIBE", "DESC", "EXISTS"})
_TAILS = frozenset({"VALUES", "FORMAT", "SELECT", "WITH", "FROM", "WATCH", ""})


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT whose rows come from the client as blocks."""

    statement: str
    target: str
    columns: str  # without brackets; empty: every column that is stored


def first_word(text: str) -> str:
    found = _FIRST_WORD.match(text)
    return found[1].upper() if found else ""


def is_streamed(text: str) -> bool:
    return first_word(text) in {"SELECT", "WITH", "FROM"}


def only_shows(text: str) -> bool:
    """Whether asking again costs nothing and changes nothing."""
    return first_word(text) in _SHOWS


def clean(text: str) -> str:
    """Drop the last semicolon and a FORMAT clause: the client formats, we send blocks."""
    stripped = text.rstrip().rstrip(";").rstrip()
    if first_word(stripped) == "INSERT":
        return stripped
    return _FORMAT_AT_END.sub("", stripped)


def blocks_insert(text: str) -> Insert | None:
    """Return the INSERT if its rows are to come as blocks; none if the text brings them or is no INSERT."""
    tokens = _Tokens(text)
    if tokens.word() != "INSERT":
        return None
    tokens.step()
    for optional in ("INTO", "TABLE"):
        tokens.step_over(optional)
    target_start = tokens.start
    is_function = tokens.word() == "FUNCTION"
    tokens.step_over("FUNCTION")
    tokens.step_name()
    if is_function:
        tokens.step_brackets()
    target = text[target_start : tokens.previous_end]
    columns = ""
    if tokens.word() == "(":
        columns = tokens.step_brackets()
        if first_word(columns) in {"SELECT", "WITH"}:
            return None
    while tokens.word() not in _TAILS:  # SETTINGS belong to the statement
        tokens.step()
    return _with_tail(text, tokens, target, columns)


def _with_tail(text: str, tokens: "_Tokens", target: str, columns: str) -> Insert | None:
    statement = text[: tokens.previous_end]
    tail = tokens.word()
    tokens.step()
    if tail == "FORMAT":
        tokens.step()
    if tail not in {"VALUES", "FORMAT", ""} or tokens.word():
        return None
    return Insert(statement, target, columns.strip())


class _Tokens:
    """Walk a statement, one token ahead; comments and spaces do not count."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._matches: Iterator[re.Match[str]] = _TOKEN.finditer(text)
        self._current: re.Match[str] | None = None
        self.previous_end = 0
        self.step()

    @property
    def start(self) -> int:
        return len(self._text) if self._current is None else self._current.start()

    def word(self) -> str:
        """Return the token in capitals, or nothing at the end."""
        return "" if self._current is None else self._current[0].upper()

    def step(self) -> None:
        if self._current is not None:
            self.previous_end = self._current.end()
        self._current = next((found for found in self._matches if found.lastgroup != "space"), None)

    def step_over(self, word: str) -> None:
        if self.word() == word:
            self.step()

    def step_name(self) -> None:
        """Pass a name of one or two parts."""
        self.step()
        while self.word() == ".":
            self.step()
            self.step()

    def step_brackets(self) -> str:
        """Pass a pair of brackets and return what stands between."""
        opened, depth = self.start + 1, 0
        while self._current is not None:
            depth += {"(": 1, ")": -1}.get(self.word(), 0)
            closed = self.start
            self.step()
            if depth == 0:
                return self._text[opened:closed]
        return self._text[opened:]
