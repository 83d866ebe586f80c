"""What a property expects, as rows for pages and as a plan for the writer."""

from collections import Counter

from django.db.models import Max, QuerySet

from apps.orgs import api as orgs
from apps.quality.domain.plans import Plan, Shapes
from apps.quality.domain.rules import OF_EVENTS, Kind, Rule
from apps.quality.models import Expectation, FixRule
from apps.quality.queries.schemas import shapes_of


def expectations_of(property_id: int) -> QuerySet[Expectation]:
    """Return the expectations of a property that are not archived."""
    return Expectation.objects.filter(property_id=property_id, is_archived=False).select_related("stream")


def archived_of(property_id: int) -> QuerySet[Expectation]:
    """Return the expectations of a property that are out of use, the last archived first."""
    archived = Expectation.objects.filter(property_id=property_id, is_archived=True)
    return archived.annotate(archived_at=Max("versions__made_at")).order_by("-archived_at", "-pk")


def names_of(property_id: int) -> dict[int, str]:
    """Return the names of all expectations by id, those that are archived as well."""
    return dict(Expectation.objects.filter(property_id=property_id).values_list("pk", "name"))


def stream_names(property_id: int) -> dict[int, str]:
    """Return what files call the streams of a property, by id: their names, with the id where two have the same."""
    streams = orgs.streams_of(property_id)
    times = Counter(one.name for one in streams)
    return {one.pk: one.name if times[one.name] == 1 else f"{one.name} #{one.pk}" for one in streams}


def fixes_of(property_id: int) -> QuerySet[FixRule]:
    """Return the kept fixes of a property in the order in which they are made."""
    return FixRule.objects.filter(property_id=property_id).select_related("stream", "made_by")


def plan_of(property_id: int) -> Plan | None:
    """Return what the writer asks of a property's events, or None where that is nothing."""
    rows = Expectation.objects.filter(property_id=property_id, is_archived=False, is_on=True, kind__in=OF_EVENTS)
    rules = [row.rule() for row in rows.order_by("pk")]
    fixes = [row.fix() for row in FixRule.objects.filter(property_id=property_id, is_on=True)]
    return Plan(property_id, rules, fixes, _shapes(property_id, rules)) if rules or fixes else None


def drafted(property_id: int, rule: Rule) -> Plan:
    """Return a plan of one expectation that is not saved yet."""
    return Plan(property_id, [rule], (), _shapes(property_id, [rule]))


def _shapes(property_id: int, rules: list[Rule]) -> Shapes:
    return shapes_of(property_id) if any(rule.kind is Kind.SCHEMA for rule in rules) else {}
