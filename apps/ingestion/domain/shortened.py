"""Ids that a spreadsheet has shortened: 1.23457E+12 was the number of one person, and now stands for a million."""

import re
from collections.abc import Iterator
from typing import Any

from apps.ingestion.domain.row_words import SHORTENED

# Spreadsheets write the plus and two digits; programs of Java neither need.
_SHORTENED = re.compile(r"(?<![\w.,])\d(?:(?:[.,]\d+)?[eE]\+\d{2,3}|[.,]\d+[eE]\d{2,3})(?![\w.,])")
_IDS = ("messageId", "userId", "anonymousId", "previousId", "groupId")
_ORDERS = ("order_id", "orderId")
_DEVICES = ("id", "advertisingId")


class ShortenedId(ValueError):
    """An id is no id any more; *field* says which."""

    def __init__(self, field: str) -> None:
        super().__init__(SHORTENED)
        self.field = field


def check_ids(event: dict[str, Any]) -> None:
    """Raise ShortenedId where an id of a person, a device, an order or the event itself was shortened."""
    for field, value in _ids(event):
        if isinstance(value, str) and _SHORTENED.search(value):
            raise ShortenedId(field)


def _ids(event: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from ((name, event.get(name)) for name in _IDS)
    properties, context = event.get("properties"), event.get("context")
    if isinstance(properties, dict):
        yield from ((f"properties.{name}", properties.get(name)) for name in _ORDERS)
    device = context.get("device") if isinstance(context, dict) else None
    if isinstance(device, dict):
        yield from ((f"context.device.{name}", device.get(name)) for name in _DEVICES)
