"""A property's own channels come to be."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from apps.ingestion.domain.channel_rules import ChannelRule
from apps.ingestion.models import ChannelVersion


@transaction.atomic
def change_channels(*, property_id: int, made_by: Any, rules: Sequence[ChannelRule]) -> ChannelVersion:
    """Make the next version of a property's own channels."""
    rows = ChannelVersion.objects.select_for_update().filter(property_id=property_id)
    newest = max((row.version for row in rows), default=0)
    written = [rule._asdict() for rule in rules]
    return ChannelVersion.objects.create(property_id=property_id, version=newest + 1, made_by=made_by, rules=written)
