"""The rules of one property, ready for the writer: which are asked of an event is worked out once for its kind."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from apps.ingestion.domain.deliveries import Item
from apps.ingestion.domain.events import Event
from apps.ingestion.domain.inspections import Finding, Repaired
from apps.quality.domain.drift import differences
from apps.quality.domain.fields import Field, Read, field_of, reader_of, subject
from apps.quality.domain.fixes import Fix, fixed
from apps.quality.domain.learning import Shape, root_of
from apps.quality.domain.rules import DRIFTS, Kind, Rule, Severity, matches
from apps.quality.domain.testing import Test, test_of, words
from apps.shared.json_documents import read_json

Shapes = Mapping[tuple[str, str], Shape]
_MOST_KNOWN = 10_000  # kinds of events; only invented names come to so many
_NOTHING: dict[str, Any] = {}


class _Asked(NamedTuple):
    rule: Rule
    test: Test


class CheckSet:
    """What is asked of events of one kind and name on one stream: by field, so that each is read once."""

    __slots__ = ("fields", "ids", "needs_context", "needs_properties", "property_id", "schemas", "stream_id")

    def __init__(self, property_id: int, stream_id: int, rules: Sequence[Rule], shape: Shape | None) -> None:
        self.property_id, self.stream_id = property_id, stream_id
        by_field: dict[Field, list[_Asked]] = {}
        for rule in rules:
            if rule.kind is not Kind.SCHEMA:
                by_field.setdefault(field_of(rule.field), []).append(_Asked(rule, test_of(rule)))
        self.fields: list[tuple[Read, bool, list[_Asked]]] = [
            (reader_of(one), one.is_each, asked) for one, asked in by_field.items()
        ]
        of_shape = [] if shape is None else [rule for rule in rules if rule.kind is Kind.SCHEMA]
        self.schemas: list[tuple[Rule, Shape]] = [(rule, shape or {}) for rule in of_shape]
        inner = {one.column for one in by_field if one.keys}
        self.needs_properties = "properties" in inner or bool(self.schemas)
        self.needs_context = "context" in inner
        self.ids = tuple(asked.rule.id for _read, _is_each, some in self.fields for asked in some)
        self.ids += tuple(rule.id for rule, _shape in self.schemas)


class Failure(NamedTuple):
    """One expectation that one event fails, and why."""

    rule: Rule
    field: str
    detail: str


class Plan:
    """Expectations and kept fixes of one property, with the shapes that were accepted."""

    def __init__(
        self, property_id: int, rules: Sequence[Rule], fixes: Sequence[Fix] = (), shapes: Shapes | None = None
    ) -> None:
        self._property_id, self._rules, self._fixes, self._shapes = property_id, rules, fixes, shapes or {}
        self._known: dict[tuple[int, str, str], CheckSet] = {}

    def asked(self, event: Event) -> CheckSet:
        """Return what is asked of such an event."""
        key = (event.stream_id, event.kind, event.name if event.kind == "track" else "")
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[key] = self._check_set(*key)
        return known

    def failures(self, event: Event) -> list[Failure]:
        """Return what *event* fails, in the order of the expectations."""
        asked = self.asked(event)
        properties = _document(event.properties) if asked.needs_properties else _NOTHING
        context = _document(event.of_context.context) if asked.needs_context else _NOTHING
        found: list[Failure] = []
        for read, is_each, some in asked.fields:
            value = read(properties, context, event)
            for rule, test in some:
                if is_each:
                    found += [Failure(rule, rule.field, words(rule, one)) for one in value if not test(one)][:1]
                elif not test(value):
                    found.append(Failure(rule, rule.field, words(rule, value)))
        for rule, shape in asked.schemas:
            reports = rule.parameters.get("reports", DRIFTS[:3])
            for one in differences(properties, shape, reports, root=root_of(event.kind)):
                found.append(Failure(rule, f"properties.{one.field}", one.detail))
                break
        return found

    def inspect(self, event: Event) -> Finding | None:
        """Return what *event* fails, or None."""
        found = self.failures(event)
        if not found:
            return None
        worst = next((one for one in found if one.rule.severity is Severity.QUARANTINE), found[0])
        detail = "; ".join(f"“{one.rule.name}”: {one.field} {one.detail}" for one in found)[:500]
        ids = tuple(dict.fromkeys(one.rule.id for one in found))
        return Finding(ids, worst.rule.severity is Severity.QUARANTINE, worst.field, detail)

    def repair(self, item: Item, *, stream_id: int, name: str) -> Repaired | None:
        """Return *item* after the fixes that are kept for such events, or None where none changes it."""
        about = [fix for fix in self._fixes if fix.is_about(subject(item.kind, name), stream_id)]
        if not about:
            return None
        payload, made = fixed(item.payload, about)
        if not made:
            return None
        return Repaired(
            Item(item.message_id, item.kind, item.occurred_at, payload, item.country, item.link_id),
            tuple(fix.id for fix in made),
            ", ".join(f"“{fix.name}”" for fix in made)[:500],
        )

    def _check_set(self, stream_id: int, kind: str, name: str) -> CheckSet:
        said = subject(kind, name)
        rules = [
            rule
            for rule in self._rules
            if (rule.stream_id is None or rule.stream_id == stream_id) and matches(rule.event, said)
        ]
        return CheckSet(self._property_id, stream_id, rules, self._shapes.get((kind, name)))


def _document(text: str) -> dict[str, Any]:
    found = read_json(text) if text else _NOTHING
    return found if isinstance(found, dict) else _NOTHING
