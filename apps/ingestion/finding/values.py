"""Values of the store as the code works with them."""

from datetime import UTC, datetime
from typing import Any


def utc(value: Any) -> Any:
    """Return a value of the store, an instant with its zone."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def instant(milliseconds: int) -> datetime:
    """Return milliseconds since 1970 as an instant."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
