"""How an event, or the events of a day, differ from the shape that was accepted."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from apps.ingestion.domain.personal import is_personal
from apps.quality.domain.learning import FieldShape, Shape, fits, grouped, type_of, word_of


class Drift(NamedTuple):
    """One way in which events differ: what, in which field, in words that a log can hold, in how many of how many."""

    kind: str
    field: str
    detail: str
    events: int = 1
    of: int = 1


def differences(document: Any, shape: Shape, reports: Collection[str], *, root: str = "properties") -> Iterator[Drift]:
    """Yield how one event's properties, or traits, differ from *shape*, of the kinds that *reports* names."""
    fields = grouped(document)
    for path, values in fields.items():
        known = shape.get(path)
        one = Drift("new_field", path, "is new") if known is None else _differing(path, values, known, reports, root)
        if one is not None and one.kind in reports:
            yield one
    if "missing_field" in reports:
        for path, known in shape.items():
            if known.is_required and path not in fields and "[]" not in path and _holder_is_there(path, fields):
                yield Drift("missing_field", path, "is missing")


def _differing(path: str, values: list[Any], known: FieldShape, reports: Collection[str], root: str) -> Drift | None:
    say = type_of if is_personal(f"{root}.{path}") else _said
    for value in values:
        if not fits(value, known.types):
            return Drift("changed_type", path, f"is {say(value)}, not {' or '.join(known.types)}")
        if known.values is not None and "unseen_value" in reports and word_of(value) not in known.values:
            return Drift("unseen_value", path, f"is {say(value)}, which was not seen before")
    return None


def drifted(
    documents: Iterable[Any], shape: Shape, reports: Collection[str], *, root: str = "properties"
) -> tuple[list[Drift], int]:
    """Return the ways in which *documents* differ, each with how many do, the most frequent first, and their number."""
    found: dict[tuple[str, str], Drift] = {}
    total = 0
    for document in documents:
        total += 1
        for one in differences(document, shape, reports, root=root):
            key = one.kind, one.field
            before = found.get(key)
            found[key] = one if before is None else before._replace(events=before.events + 1)
    ordered = sorted(found.values(), key=lambda one: (-one.events, one.kind, one.field))
    return [one._replace(of=total) for one in ordered], total


def _holder_is_there(path: str, fields: Collection[str]) -> bool:
    """Tell whether what holds a field is there: a missing object is one difference, not one for each of its fields."""
    holder = path.rpartition(".")[0]
    return not holder or holder in fields


def _said(value: Any) -> str:
    if isinstance(value, str) and "@" in value:
        return "an address"  # of a person: a schema outlives what it was learned from
    return repr(value)[:40] if isinstance(value, str | int | float | bool) else type(value).__name__
