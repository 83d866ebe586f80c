"""The lines of the form of channel rules, as an address says them: four parameters a line, in the same order."""

from collections.abc import Mapping, Sequence

NAMES = ("rule_channel", "rule_field", "rule_operator", "rule_value")
MOST_ROWS = 100
LONGEST = 300
SPARE = 2
Row = tuple[str, str, str, str]
EMPTY: Row = ("", "source", "contains", "")


def read_rows(query: Mapping[str, list[str]]) -> list[Row] | None:
    """Return the lines that an address says, or None when it says nothing about them."""
    columns = [query.get(name, []) for name in NAMES]
    if not any(columns):
        return None
    count = min(max(len(column) for column in columns), MOST_ROWS)
    return [_row([column[at] if at < len(column) else "" for column in columns]) for at in range(count)]


def parameters(rows: Sequence[Row] | None) -> tuple[tuple[str, str], ...]:
    """Return lines as parameters of an address. No lines at all are a choice too, and said by an empty one."""
    if rows is None:
        return ()
    kept = [row for row in rows if row[0] or row[3]] or [EMPTY]
    return tuple((name, value) for row in kept for name, value in zip(NAMES, row, strict=True))


def with_spare(rows: Sequence[Row]) -> list[Row]:
    """Return the lines that say something, and some empty ones to write into."""
    return [*(row for row in rows if row[0] or row[3]), *[EMPTY] * SPARE]


def _row(values: list[str]) -> Row:
    channel, field, operator, value = (one.replace("\x00", "").strip()[:LONGEST] for one in values)
    return channel, field, operator, value
