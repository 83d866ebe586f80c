"""The door for other apps."""

from apps.ingestion.domain.found import FoundEvent, FoundOutcome, MinuteCount, RecentEvent, WaitingEvent
from apps.ingestion.domain.pipeline import device_key, person_key
from apps.ingestion.domain.spend import SpendRow, UnknownSpendDimension
from apps.ingestion.finding import events_in_last_minute, events_per_minute, find_event, recent_events
from apps.ingestion.services import create_link, delete_property, source_facts, store_events, store_outcomes
from apps.ingestion.spending import spend_by
from apps.ingestion.wiring import surroundings

__all__ = [
    "FoundEvent",
    "FoundOutcome",
    "MinuteCount",
    "RecentEvent",
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
    "source_facts",
    "spend_by",
    "store_events",
    "store_outcomes",
    "surroundings",
]
