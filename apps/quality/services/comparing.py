"""What a whole set of expectations would change, before it does."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from apps.quality import queries
from apps.quality.domain import documents


class Part(NamedTuple):
    """One key of an expectation that would be another; None is what is not there."""

    key: str
    before: Any
    after: Any


class Change(NamedTuple):
    """What would become of one expectation: added, changed or archived, with the parts that differ."""

    name: str
    what: str
    parts: tuple[Part, ...]


def compare_expectations(*, property_id: int, documents_: Sequence[Mapping[str, Any]]) -> list[Change]:
    """Return what would change if *documents_* became the whole set, in the order of the file, archived ones last."""
    streams = queries.stream_names(property_id)
    kept = {
        row.name: _shown(row.name, row.definition() | {"stream_id": row.stream_id}, streams)
        for row in queries.expectations_of(property_id)
    }
    found = []
    for document in documents_:
        before, after = kept.pop(document["name"], None), _shown(document["name"], document, streams)
        parts = _parts(before or {}, after)
        if parts:
            found.append(Change(document["name"], "added" if before is None else "changed", parts))
    return found + [Change(name, "archived", ()) for name in kept]


def _shown(name: str, values: Mapping[str, Any], streams: Mapping[int, str]) -> dict[str, Any]:
    given = {key: values[key] for key in ("kind", "event", "field", "severity", "is_on", "parameters")}
    return documents.shortened(documents.as_document(name=name, stream=streams.get(values["stream_id"]), **given))


def _parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Part, ...]:
    keys = dict.fromkeys([*before, *after])
    return tuple(
        Part(key, before.get(key), after.get(key))
        for key in keys
        if key != "name" and (key in before, before.get(key)) != (key in after, after.get(key))
    )
