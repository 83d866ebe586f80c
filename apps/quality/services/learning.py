"""Schemas are learned from an event's first week; from then on what differs is drift, until somebody accepts it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from apps.quality import queries
from apps.quality.domain.drift import Drift as Difference
from apps.quality.domain.drift import drifted
from apps.quality.domain.learning import learn, root_of, shape_of
from apps.quality.domain.rules import DRIFTS
from apps.quality.models import Drift, EventSchema

log = structlog.get_logger(__name__)
WEEK, DAY = timedelta(days=7), timedelta(days=1)
FEWEST, MOST, MOST_OF_A_DAY = 20, 20_000, 5_000
_SEEN_WITHIN = timedelta(days=30)  # what has not come for longer is not learned any more
_NOTICED = 0.001  # share of the events below which a difference is chance, not drift
KINDS = frozenset({"track", "page", "screen", "identify", "group"})


def learn_schemas(*, property_id: int, now: datetime) -> int:
    """Learn what has had its first week, and compare the last day with what is known. Return how many were learned."""
    learned = 0
    known = {(row.kind, row.name): row for row in queries.schemas_in_force(property_id)}
    for one in queries.event_names(property_id, since=now - _SEEN_WITHIN):
        schema = known.get((one.kind, one.name))
        first_at = one.first_at.replace(tzinfo=now.tzinfo)
        if schema is not None:
            _compare(schema, now)
        elif one.kind in KINDS and now - first_at >= WEEK:
            made = _learn(property_id, one.kind, one.name, first_at, first_at + WEEK)
            # What comes seldom takes longer than a week to be known.
            learned += (made or _learn(property_id, one.kind, one.name, first_at, now)) is not None
    return learned


@transaction.atomic
def accept_schema(*, property_id: int, schema_id: int, made_by: Any, now: datetime) -> EventSchema | None:
    """Make what came in the last week the schema, as its next version, and close its drifts. The past stays as it was.

    Return None where too little came to learn from.
    """
    row = EventSchema.objects.select_for_update().get(property_id=property_id, pk=schema_id)
    fresh = _learn(property_id, row.kind, row.name, now - WEEK, now, made_by=made_by)
    if fresh is not None:
        mine = Drift.objects.filter(
            property_id=property_id, schema__kind=row.kind, schema__name=row.name, closed_at=None
        )
        mine.update(closed_at=now, closed_by=made_by)
    return fresh


def _learn(
    property_id: int, kind: str, name: str, since: datetime, until: datetime, *, made_by: Any = None
) -> EventSchema | None:
    documents = queries.documents_of(property_id, kind=kind, name=name, since=since, until=until, most=MOST)
    shape, events = learn(documents, root=root_of(kind))
    if events < FEWEST:
        return None
    before = queries.schema_in_force(property_id, kind=kind, name=name)
    log.info("schema.learned", property_id=property_id, called=name or kind, events=events, fields=len(shape))
    return EventSchema.objects.create(
        property_id=property_id,
        kind=kind,
        name=name,
        version=1 if before is None else before.version + 1,
        fields={path: one.stored() for path, one in shape.items()},
        events=events,
        learned_from=since,
        learned_to=until,
        made_by=made_by,
    )


def _compare(schema: EventSchema, now: datetime) -> None:
    """Note how the last day differs; what differs no more is closed."""
    given: Any = {"kind": schema.kind, "name": schema.name, "since": now - DAY, "until": now, "most": MOST_OF_A_DAY}
    documents = queries.documents_of(schema.property_id, **given)
    differences, events = drifted(documents, shape_of(schema.fields), DRIFTS, root=root_of(schema.kind))
    if not events:
        return
    noticed = [one for one in differences if one.events / events >= _NOTICED]
    _note(schema, noticed, now)


@transaction.atomic
def _note(schema: EventSchema, noticed: Iterable[Difference], now: datetime) -> None:
    still_open = {(row.kind, row.field): row for row in schema.drifts.select_for_update().filter(closed_at=None)}
    for one in noticed:
        row = still_open.pop((one.kind, one.field), None)
        if row is None:
            row = Drift(property_id=schema.property_id, schema=schema, kind=one.kind, field=one.field[:500])
            row.first_seen_at = now
        row.detail, row.share, row.last_seen_at = one.detail[:300], one.events / one.of, now
        row.save()
    for row in still_open.values():
        row.closed_at = now
        row.save(update_fields=["closed_at"])
