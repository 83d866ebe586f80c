"""The door for other apps."""

from apps.ingestion.domain.found import FoundEvent, FoundOutcome, MinuteCount, RecentEvent, WaitingEvent
from apps.ingestion.domain.pipeline import device_key, person_key
from apps.ingestion.domain.ports import LogUnavailable
from apps.ingestion.domain.spend import SpendRow, UnknownSpendDimension
from apps.ingestion.finding import events_in_last_minute, events_per_minute, find_event, recent_events
from apps.ingestion.services import (
    Kept,
    Replayed,
    create_link,
    delete_property,
    source_facts,
    store_events,
    store_outcomes,
)
from apps.ingestion.spending import spend_by
from apps.ingestion.wiring import remembered, replay, surroundings

__all__ = [
    "FoundEvent",
    "FoundOutcome",
    "Kept",
    "LogUnavailable",
    "MinuteCount",
    "RecentEvent",
    "Replayed",
    "SpendRow",
    "UnknownSpendDimension",
    "WaitingEvent",
    "create_link",
    "delete_property",
    "device_key",
    "events_in_last_minute",
    "events_per_minute",
    "find_event",
    "person_key",
    "recent_events",
    "remembered",
    "replay",
    "source_facts",
    "spend_by",
    "store_events",
    "store_outcomes",
    "surroundings",
]
