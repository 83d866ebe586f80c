"""Questions about single events: which there are, how many, and what became of one message (R9)."""

from apps.ingestion.finding.counts import ends_by_reason, events_in_last_minute, events_per_minute, names_used
from apps.ingestion.finding.listing import arrivals, happenings
from apps.ingestion.finding.one import find_event, find_waiting
from apps.ingestion.finding.turned import last_turned_away

__all__ = [
    "arrivals",
    "ends_by_reason",
    "events_in_last_minute",
    "events_per_minute",
    "find_event",
    "find_waiting",
    "happenings",
    "last_turned_away",
    "names_used",
]
