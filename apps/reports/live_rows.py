"""Arriving events as rows of the live page, the same from the store and from a live message."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation

from apps.orgs import api as orgs
from apps.reports import wording
from apps.reports.addresses import event_url
from apps.reports.domain.charts import channel_number

MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events a person wants to see; empty means all."""

    kind: str = ""
    name: str = ""

    def accepts(self, kind: str, name: str) -> bool:
        """Tell whether an event is wanted; a name is found by any part of it."""
        return self.kind in ("", kind) and self.name.casefold() in name.casefold()


@dataclass(frozen=True, slots=True)
class LiveRow:
    """One arrived event."""

    message_id: str
    kind: str
    name: str
    received_at: datetime
    who: str
    page_path: str
    channel: str
    number: int
    source: str
    value: Decimal | None
    currency: str
    country: str
    device: str
    url: str


def row_of(info: orgs.PropertyInfo, event: Mapping[str, Any]) -> LiveRow:
    """Return the row of an event, named as its fact is."""
    received_at, value = event["received_at"], event["value"]
    if not isinstance(received_at, datetime):
        received_at = datetime.fromtimestamp(received_at / 1000, tz=UTC)
    return LiveRow(
        message_id=event["message_id"],
        kind=event["kind"],
        name=event["name"],
        received_at=received_at,
        who=event["user_id"] or event["anonymous_id"],
        page_path=event["page_path"],
        channel=wording.channel_title(event["channel"]),
        number=channel_number(event["channel"]),
        source=event["source"],
        value=None if value in (None, "") else Decimal(value),
        currency=event["currency"] or info.currency,
        country=event["country"],
        device=event["device"],
        url=event_url(info, event["message_id"]),
    )


def live_message(info: orgs.PropertyInfo, events: Iterable[Mapping[str, Any]], wanted: Filter, *, language: str) -> str:
    """Return what the socket sends: the rows to put on top of the table, or nothing when none is wanted."""
    chosen = [event for event in events if wanted.accepts(event["kind"], event["name"])]
    if not chosen:
        return ""
    with translation.override(language), timezone.override(info.time_zone):
        rows = [row_of(info, event) for event in reversed(chosen)]
        return render_to_string("reports/_live_message.html", {"rows": rows})
