"""Answers about links and limits."""

from django.db.models import QuerySet

from apps.ingestion.domain.limits import Limit
from apps.ingestion.domain.links import LinkInfo
from apps.ingestion.models import Link, StreamLimit


def link_by_slug(slug: str) -> LinkInfo | None:
    """Return the active link at *slug*, or None."""
    row = Link.objects.filter(slug=slug, is_active=True).first()
    return None if row is None else link_info(row)


def link_info(row: Link) -> LinkInfo:
    """Return *row* as the value that the door works with."""
    return LinkInfo(
        id=row.pk,
        property_id=row.property_id,
        slug=row.slug,
        destination=row.destination,
        source=row.source,
        medium=row.medium,
        campaign=row.campaign,
        term=row.term,
        content=row.content,
    )


def links_of(*, property_id: int) -> QuerySet[Link]:
    """Return the links of a property, newest first."""
    return Link.objects.filter(property_id=property_id)


def limit_of(stream_id: int) -> Limit | None:
    """Return how much a stream may send, or None where nobody set a limit."""
    row = StreamLimit.objects.filter(stream_id=stream_id).first()
    return None if row is None else Limit(row.per_second, row.burst)
