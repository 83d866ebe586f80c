"""The end of a property's journeys."""

from apps.attribution.models import Drawing, Goal, TrainingRun, Trial, Watermark
from apps.shared import clickhouse

_TABLES = ("journeys", "persons", "identity_links", "refunds", "histories", "method_weights", "decisions")


def delete_property(*, property_id: int) -> None:
    """Delete whatever was drawn from a property's events. Its goals go with the property itself."""
    Watermark.objects.filter(property_id=property_id).update(journeys_state=None)
    for table in _TABLES:
        clickhouse.command(
            f"ALTER TABLE {table} DELETE WHERE property_id = {{property_id:UInt64}} SETTINGS mutations_sync = 1",
            property_id=property_id,
        )
    Goal.objects.filter(property_id=property_id).update(built_version=0)
    Watermark.objects.filter(property_id=property_id).update(is_stale=True, stored_to=None)
    Drawing.objects.filter(property_id=property_id).delete()
    Trial.objects.filter(property_id=property_id).delete()
    TrainingRun.objects.filter(property_id=property_id).delete()
