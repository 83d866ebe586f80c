"""The door for other apps."""

from apps.ingestion.domain.advertising import masked_in
from apps.ingestion.domain.differences import Difference, differences
from apps.ingestion.domain.events import ContextFacts
from apps.ingestion.domain.found import (
    STORED,
    WAITING,
    Arrivals,
    FoundEvent,
    FoundOutcome,
    Happening,
    HappeningPage,
    MinuteCount,
    SentPayload,
    WaitingEvent,
    Wanted,
)
from apps.ingestion.domain.payload import LONGEST_ID
from apps.ingestion.domain.payloads import PAYLOAD_DAYS
from apps.ingestion.domain.personal import masked_difference, masked_fields, masked_id, masked_json, masked_text
from apps.ingestion.domain.pipeline import device_key, person_key
from apps.ingestion.domain.ports import LogUnavailable
from apps.ingestion.domain.spend import SpendRow, UnknownSpendDimension
from apps.ingestion.domain.turned_away import TurnedAway
from apps.ingestion.finding import (
    arrivals,
    ends_by_reason,
    events_in_last_minute,
    events_per_minute,
    find_event,
    find_waiting,
    happenings,
    last_turned_away,
)
from apps.ingestion.forms.reasons import said_of_reason
from apps.ingestion.forms.sentences import said_of_end
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
from apps.ingestion.wiring import remembered, replay, surroundings, take_in

__all__ = [
    "LONGEST_ID",
    "PAYLOAD_DAYS",
    "STORED",
    "WAITING",
    "Arrivals",
    "ContextFacts",
    "Difference",
    "FoundEvent",
    "FoundOutcome",
    "Happening",
    "HappeningPage",
    "Kept",
    "LogUnavailable",
    "MinuteCount",
    "Replayed",
    "SentPayload",
    "SpendRow",
    "TurnedAway",
    "UnknownSpendDimension",
    "WaitingEvent",
    "Wanted",
    "arrivals",
    "create_link",
    "delete_property",
    "device_key",
    "differences",
    "ends_by_reason",
    "events_in_last_minute",
    "events_per_minute",
    "find_event",
    "find_waiting",
    "happenings",
    "last_turned_away",
    "masked_difference",
    "masked_fields",
    "masked_id",
    "masked_in",
    "masked_json",
    "masked_text",
    "person_key",
    "remembered",
    "replay",
    "said_of_end",
    "said_of_reason",
    "source_facts",
    "spend_by",
    "store_events",
    "store_outcomes",
    "surroundings",
    "take_in",
]
