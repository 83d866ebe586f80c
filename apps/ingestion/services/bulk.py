"""Whole columns into the store at once, past the log: for data that is made or moved, never for what clients send."""

from collections.abc import Mapping, Sequence

from apps.ingestion.domain.context_facts import context_facts
from apps.ingestion.domain.events import ContextFacts, Surroundings
from apps.ingestion.domain.payload import NO_PROPERTIES, Context, Page
from apps.shared import clickhouse

_BLOCK = 100_000
_TABLES = ("events", "outcomes", "payloads")


def source_facts(*, url: str, referrer: str, surroundings: Surroundings) -> ContextFacts:
    """Return where a visitor came from, by the very rules that collected events go through."""
    return context_facts(Context(page=Page(url=url, referrer=referrer)), NO_PROPERTIES, surroundings)


def store_events(columns: Mapping[str, Sequence[object]]) -> int:
    """Store events given as columns of the table, in blocks; every message id must be new. Announces nothing."""
    return _store("events", columns)


def store_outcomes(columns: Mapping[str, Sequence[object]], *, token: str | None = None) -> int:
    """Store the ends of events that were not stored, given as columns of the table.

    *token* names a block that may come again after a crash; then there must be no more than 100,000.
    """
    if token is not None:
        return clickhouse.insert("outcomes", columns, token=token)
    return _store("outcomes", columns)


def delete_property(*, property_id: int) -> None:
    """Delete every event, payload and outcome of a property, for good."""
    for table in _TABLES:
        clickhouse.command(
            f"ALTER TABLE {table} DELETE WHERE property_id = {{property_id:UInt64}} SETTINGS mutations_sync = 1",
            property_id=property_id,
        )


def _store(table: str, columns: Mapping[str, Sequence[object]]) -> int:
    size = len(next(iter(columns.values()), ()))
    return sum(
        clickhouse.insert(table, {name: values[start : start + _BLOCK] for name, values in columns.items()})
        for start in range(0, size, _BLOCK)
    )
