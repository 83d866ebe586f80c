"""Answers about the quality of data."""

from apps.quality.queries.breaches import breaches_of, reads_breaches, unseen_breaches
from apps.quality.queries.counts import accounting, day_counts
from apps.quality.queries.expectations import (
    archived_of,
    drafted,
    expectations_of,
    fixes_of,
    names_of,
    plan_of,
    stream_names,
)
from apps.quality.queries.marks import marks_of
from apps.quality.queries.previews import NoPreview, Preview, preview
from apps.quality.queries.quarantine import Item, Selection, count, found, item, reasons, states, waiting
from apps.quality.queries.samples import documents_of, event_names
from apps.quality.queries.schemas import open_drifts, schema_in_force, schemas_in_force, shapes_of
from apps.quality.queries.streams import newest_event, volumes

__all__ = [
    "Item",
    "NoPreview",
    "Preview",
    "Selection",
    "accounting",
    "archived_of",
    "breaches_of",
    "count",
    "day_counts",
    "documents_of",
    "drafted",
    "event_names",
    "expectations_of",
    "fixes_of",
    "found",
    "item",
    "marks_of",
    "names_of",
    "newest_event",
    "open_drifts",
    "plan_of",
    "preview",
    "reads_breaches",
    "reasons",
    "schema_in_force",
    "schemas_in_force",
    "shapes_of",
    "states",
    "stream_names",
    "unseen_breaches",
    "volumes",
    "waiting",
]
