"""Links come to be."""

from typing import Any

from apps.ingestion.models import Link


def create_link(*, property_id: int, made_by: Any, **values: Any) -> Link:
    """Create a link of a property. Raises ValidationError when its address or its destination will not do."""
    link = Link(property_id=property_id, made_by=made_by, **values)
    link.full_clean(exclude=["property", "made_by"])
    link.save()
    return link
