"""Times inside the ids of rows: written from the instant, so that one click in two exports is one event.

An export writes `2026-05-01 10:00:00`, another of the same vendor `2026-05-01 10:00:00.000`, or the same with a zone.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from apps.ingestion.domain import instants
from apps.ingestion.domain.mapping import COLUMN, FileMapping, Row, Template, alternatives, column_of
from apps.ingestion.domain.spelling import NotInForm, Spelling, read_as_spelled

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def with_written_times(row: Row, template: Template, mapping: FileMapping, spelling: Spelling) -> Row:
    """Return *row* with the columns of the template's timestamp written as ids have them. What is no time stays."""
    said = template.get("timestamp")
    names = [name for place in COLUMN.findall(said) for name in alternatives(place)] if isinstance(said, str) else []
    times = {name: row[name] for name in map(column_of, names) if row.get(name) not in (None, "")}
    return {**row, **{name: _written(cell, mapping, spelling) for name, cell in times.items()}} if times else row


def content_of(event: dict[str, Any], mapping: FileMapping) -> dict[str, Any]:
    """Return *event* as the id that is made of its content sees it. The days of ad spend are instants already."""
    said = event.get("timestamp")
    if not mapping.templates or event.get("type") == "spend" or said in (None, ""):
        return event
    return {**event, "timestamp": _in_way(said, mapping.times_in_ids)}


def _written(cell: Any, mapping: FileMapping, spelling: Spelling) -> Any:
    try:
        return _in_way(read_as_spelled({"timestamp": cell}, spelling)["timestamp"], mapping.times_in_ids)
    except NotInForm:
        return cell


def _in_way(said: Any, way: str) -> Any:
    """Return *said* in one of the ways of `mapping.TIMES_IN_IDS`; what is no instant as it is."""
    if not isinstance(said, str | int | float) or isinstance(said, bool):
        return said
    try:
        since = instants.milliseconds(said)
        moment = _EPOCH + timedelta(milliseconds=since)
    except (instants.NotAnInstant, OverflowError):
        return said
    if way == "unix":
        return str(since // 1000)
    if way == "seconds":
        return f"{moment:%Y-%m-%d %H:%M:%S}"
    fraction = f".{since % 1000:03}" if since % 1000 else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"
