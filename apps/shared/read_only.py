"""Rows in the administration that are looked at and never changed there."""

from unfold.admin import ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """Rows that only services write: history, and what has rules of its own."""

    # A second count of everything, and a hundred rows, would make the lists of a large installation slow.
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002
        """Services write these rows."""
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:  # noqa: ARG002
        """Services write these rows."""
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:  # noqa: ARG002
        """Services write these rows."""
        return False
