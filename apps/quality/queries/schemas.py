"""The schemas in force and how events differ from them."""

from django.db.models import QuerySet

from apps.quality.domain.learning import FieldShape, shape_of
from apps.quality.models import Drift, EventSchema


def schemas_in_force(property_id: int) -> QuerySet[EventSchema]:
    """Return the newest version of each schema of a property, by name."""
    rows = EventSchema.objects.filter(property_id=property_id).select_related("made_by")
    return rows.order_by("name", "kind", "-version").distinct("name", "kind")


def schema_in_force(property_id: int, *, kind: str, name: str) -> EventSchema | None:
    """Return the schema of one event, or None where none was learned."""
    return EventSchema.objects.filter(property_id=property_id, kind=kind, name=name).order_by("-version").first()


def shapes_of(property_id: int) -> dict[tuple[str, str], dict[str, FieldShape]]:
    """Return the shapes in force by kind and name."""
    return {(row.kind, row.name): shape_of(row.fields) for row in schemas_in_force(property_id)}


def open_drifts(property_id: int) -> QuerySet[Drift]:
    """Return what differs now, the most frequent first."""
    return Drift.objects.filter(property_id=property_id, closed_at=None).select_related("schema")
