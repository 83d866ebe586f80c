"""The door for other apps."""

from apps.ingestion.domain.pipeline import device_key, person_key
from apps.ingestion.services import create_link, delete_property, source_facts, store_events, store_outcomes
from apps.ingestion.wiring import surroundings

__all__ = [
    "create_link",
    "delete_property",
    "device_key",
    "person_key",
    "source_facts",
    "store_events",
    "store_outcomes",
    "surroundings",
]
