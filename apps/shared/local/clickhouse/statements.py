"""What a statement is, as far as its way through the engine depends on it."""

import re
from dataclasses import dataclass

_SPACE = r"(?:\s+|--[^\n]*(?:\n|$)|\#[! ][^\n]*(?:\n|$)|/\*.*?\*/)"
_FIRST_WORD = re.compile(rf"(?:{_SPACE}|\()*([A-Za-z]+)", re.DOTALL)
_FORMAT_AT_END = re.compile(r"\sFORMAT\s+[A-Za-z][A-Za-z0-9]*\s*$", re.IGNORECASE)
_TOKEN = re.compile(
    rf"(?P<space>{_SPACE})"
    r"|(?P<quoted>'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.)*`|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<word>[A-Za-z_0-9]+)"
    r"|(?P<sign>.)",
    re.DOTALL,
)
_SHOWS = frozenset({"SHOW", "DESCRIBE", "DESC", "EXISTS"})


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT whose rows come as blocks: `INSERT INTO target columns SETTINGS ...`."""

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


def may_be_several(text: str) -> bool:
    return ";" in text


def blocks_insert(text: str) -> Insert | None:
    """Return the INSERT if its rows are to come from the client, else none."""
    if first_word(text) != "INSERT":
        return None
    target_start = target_end = -1
    columns = ""
    depth = 0
    previous = ""
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "space":
            continue
        word = token[0].upper() if token.lastgroup == "word" else token[0]
        if depth == 0 and token.lastgroup == "word" and previous != ".":
            if word in {"SELECT", "WITH", "FROM", "INFILE"}:
                return None
            if word in {"VALUES", "FORMAT", "SETTINGS"} and target_start >= 0:
                return _ends_here(text, token, word, target_start, target_end, columns)
        if target_start < 0 and word not in {"INSERT", "INTO", "TABLE"}:
            target_start = token.start()
        is_call = first_word(text[target_start:]) == "FUNCTION" if target_start >= 0 else False
        if word == "(" and depth == 0:
            opened = token.end()
            is_columns = not is_call or target_end >= 0
            if is_columns and target_end < 0:
                target_end = token.start()
        depth += {"(": 1, ")": -1}.get(word, 0)
        if word == ")" and depth == 0:
            if is_columns:
                columns = text[opened : token.start()]
            else:
                target_end = token.end()
        previous = word
    return _made(text, len(text), target_start, target_end, columns)


def _ends_here(text: str, token: re.Match[str], word: str, start: int, end: int, columns: str) -> Insert | None:
    rest = text[token.end() :].strip()
    statement_end = token.start()
    if word == "SETTINGS":
        # Settings stay part of the statement; what follows them decides.
        found = re.search(r"\s(VALUES|FORMAT\s+\w+|SELECT|WITH)\b(.*)$", text[token.end() :], re.IGNORECASE | re.DOTALL)
        if found is not None and (found[1].upper() in {"SELECT", "WITH"} or found[2].strip()):
            return None
        statement_end = len(text) if found is None else token.end() + found.start()
    elif word == "FORMAT":
        if len(rest.split(maxsplit=1)) > 1:
            return None
    elif rest:
        return None
    return _made(text, statement_end, start, end if end >= 0 else token.start(), columns)


def _made(text: str, statement_end: int, start: int, end: int, columns: str) -> Insert | None:
    if start < 0:
        return None
    target = text[start : end if end >= 0 else statement_end].strip()
    return Insert(text[:statement_end].rstrip(), target, columns.strip())
