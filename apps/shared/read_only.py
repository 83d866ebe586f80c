"""Rows in the administration that are looked at and never changed there."""

from unfold.admin import ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """Rows that only services write: history, and what has rules of its own."""

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002
        """Services write these rows."""
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:  # noqa: ARG002
        """Services write these rows."""
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:  # noqa: ARG002
        """Services write these rows."""
        return False
