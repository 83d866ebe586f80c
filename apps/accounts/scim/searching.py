"""Filters and pages: the usual questions of a directory in SQL, the rest by the protocol's own comparison."""

from collections.abc import Callable, Sequence
from typing import Any, Union

from django.db.models import QuerySet
from scim2_models import Resource, ScimFilter, SearchRequest
from scim2_models.path import CompareOperator, Comparison
from scim2_server.storage import SearchPage
from scim2_server.utils import parametrize

from apps.accounts.scim.description import MOST_RESULTS

Source = tuple["QuerySet[Any]", Callable[[Any], Resource[Any]]]
# What directories look for before they create: each has an index.
_BY_SQL = {"username": "user_name__iexact", "externalid": "external_id", "id": "pk", "displayname": "name__iexact"}


def search(sources: Sequence[Source], request: SearchRequest[Any]) -> SearchPage:
    """Return a page of the rows of *sources* that match *request*."""
    start, count = request.start_index_0 or 0, MOST_RESULTS if request.count is None else request.count
    if request.filter is None and request.sort_by is None and len(sources) == 1:
        rows, drawn = sources[0]
        return SearchPage(rows.count(), [drawn(row) for row in rows[start : start + count]])
    candidates = [drawn(row) for rows, drawn in sources for row in _narrowed(rows, request.filter)]
    found = [one for one in candidates if _matches(request.filter, one, candidates)]
    if request.sort_by is not None:
        found = _sorted(found, request)
    return SearchPage(len(found), found[start : start + count])


def _narrowed(rows: "QuerySet[Any]", wanted: ScimFilter[Any] | None) -> "QuerySet[Any]":
    """Let PostgreSQL look for `userName eq "..."` and its like; the protocol's comparison still has the last word."""
    node = getattr(wanted, "ast", None)
    if not isinstance(node, Comparison) or node.op != CompareOperator.eq or not isinstance(node.value, str):
        return rows
    lookup = _BY_SQL.get(str(node.attr_path).rpartition(":")[2].lower(), "")
    field = lookup.partition("__")[0]
    if not lookup or lookup == "pk" or field not in {one.name for one in rows.model._meta.fields}:  # noqa: SLF001
        return rows
    return rows.filter(**{lookup: node.value})


def _matches(wanted: ScimFilter[Any] | None, one: Resource[Any], all_of_them: list[Resource[Any]]) -> bool:
    if wanted is None:
        return True
    if not wanted.models:
        models = tuple(dict.fromkeys(type(other) for other in all_of_them))
        wanted = parametrize(ScimFilter, Union[models])(str(wanted))  # noqa: UP007  made at run time
    return bool(wanted.match(one))


def _sorted(found: list[Resource[Any]], request: SearchRequest[Any]) -> list[Resource[Any]]:
    def key(one: Resource[Any]) -> tuple[bool, Any, str]:
        value = request.sort_value(one)
        return value is None, "" if value is None else value, str(one.id)

    is_descending = request.sort_order == SearchRequest.SortOrder.descending
    return sorted(found, key=key, reverse=is_descending)
