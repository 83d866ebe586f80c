"""Rules of consent come to be, and what people say is kept."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.compliance.api import Consent
from apps.ingestion.models import ConsentVersion, RememberedConsent, StreamLimit
from apps.shared import regions


@transaction.atomic
def change_consent(*, property_id: int, made_by: Any, **rules: Any) -> ConsentVersion:
    """Make the next version of what a property asks of people."""
    rows = ConsentVersion.objects.select_for_update().filter(property_id=property_id)
    newest = max((row.version for row in rows), default=0)
    return ConsentVersion.objects.create(property_id=property_id, version=newest + 1, made_by=made_by, **rules)


def keep_consents(property_id: int, states: Mapping[int, Consent]) -> None:
    """Keep what the persons behind keys said last, in the region of the property; forget those of UNKNOWN."""
    now = timezone.now()
    place = regions.stores(regions.of_property(property_id)).consent
    if forgotten := [key for key, state in states.items() if state is Consent.UNKNOWN]:
        RememberedConsent.objects.using(place).filter(property_id=property_id, key__in=forgotten).delete()
    RememberedConsent.objects.using(place).bulk_create(
        [
            RememberedConsent(
                property_id=property_id,
                key=key,
                is_granted=state is not Consent.DENIED,
                is_for_ads=state is Consent.GRANTED,
                said_at=now,
            )
            for key, state in sorted(states.items())  # in one order, so that two requests do not wait for each other
            if state is not Consent.UNKNOWN
        ],
        update_conflicts=True,
        unique_fields=["property", "key"],
        update_fields=["is_granted", "is_for_ads", "said_at"],
    )


def forget_consents(*, property_id: int) -> None:
    """Delete what people said, where no cascade of the property's deletion reaches it."""
    place = regions.stores(regions.of_property(property_id)).consent
    RememberedConsent.objects.using(place).filter(property_id=property_id).delete()


def limit_stream(*, stream_id: int, made_by: Any, per_second: int | None, burst: int | None) -> None:
    """Set how much a stream may send; nothing for as much as the machines can take."""
    if not per_second:
        StreamLimit.objects.filter(stream_id=stream_id).delete()
        return
    values = {"per_second": per_second, "burst": burst or per_second, "made_by": made_by}
    StreamLimit.objects.update_or_create(stream_id=stream_id, defaults=values)
