"""Lists of the administration that stay quick however long they are, and rows that are never changed there."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin

# How many rows a list counts and pages through. Whoever looks for one that is further down searches.
_MOST = 1000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of a list that is counted to a bound: counting 100,000 rows costs more than showing 50 of them."""

    @cached_property
    def count(self) -> int:
        """Return how many rows there are, at most the bound."""
        rows = self.object_list
        return rows[:_MOST].count() if isinstance(rows, QuerySet) else len(rows)


class LongListAdmin(ModelAdmin):
    """A list that may be long.

    What its rows refer to is fetched for the page that is shown, not joined: PostgreSQL cannot tell how few rows a
    policy leaves, and would read all people or properties for the join.
    """

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50

    def get_list_select_related(self, request: HttpRequest) -> tuple[str, ...]:  # noqa: ARG002
        """Join nothing."""
        return ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows, with what the columns of the list name."""
        fields = {field.name for field in self.opts.fields if field.is_relation}
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.prefetch_related(*(name for name in self.list_display if name in fields))


class ReadOnlyAdmin(LongListAdmin):
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
