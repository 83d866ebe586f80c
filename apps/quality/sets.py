"""The whole set of a property's expectations as a file."""

from apps.orgs import api as orgs
from apps.quality import queries
from apps.quality.domain import documents


def as_yaml(property_id: int) -> str:
    """Return the expectations of a property as YAML."""
    rows = queries.expectations_of(property_id)
    return documents.write([
        documents.as_document(
            name=row.name, kind=row.kind, event=row.event, stream=row.stream.name if row.stream else None,
            field=row.field, severity=row.severity, is_on=row.is_on, parameters=row.parameters,
        )
        for row in rows
    ])  # fmt: skip


def streams_by_name(property_id: int) -> dict[str, int]:
    """Return the ids of a property's streams by their names."""
    return {stream.name: stream.pk for stream in orgs.streams_of(property_id)}
