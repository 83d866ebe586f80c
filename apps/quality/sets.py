"""The whole set of a property's expectations as a file."""

from apps.quality import queries
from apps.quality.domain import documents


def as_yaml(property_id: int) -> str:
    """Return the expectations of a property as YAML."""
    rows, streams = queries.expectations_of(property_id), queries.stream_names(property_id)
    return documents.write([
        documents.as_document(
            name=row.name, kind=row.kind, event=row.event, stream=streams[row.stream_id] if row.stream_id else None,
            field=row.field, severity=row.severity, is_on=row.is_on, parameters=row.parameters,
        )
        for row in rows
    ])  # fmt: skip


def streams_by_name(property_id: int) -> dict[str, int]:
    """Return the ids of a property's streams by the names that files have of them."""
    return {name: stream_id for stream_id, name in queries.stream_names(property_id).items()}
