"""The end of a property."""

from apps.shared import clickhouse


def delete_property(*, property_id: int) -> None:
    """Delete everything that was counted of a property; its settings go with its row."""
    clickhouse.command(
        "ALTER TABLE quality_checks DELETE WHERE property_id = {property_id:UInt64} SETTINGS mutations_sync = 1",
        property_id=property_id,
    )
