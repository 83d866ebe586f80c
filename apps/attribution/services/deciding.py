"""Decisions about openings of apps: made after journeys are built, appended, and never altered."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import transaction

import attribution as engine
from apps.attribution.adapters import clickhouse_decisions as decisions
from apps.attribution.adapters.clickhouse_journeys import conversion_version
from apps.attribution.domain.deciding import (
    DEVICE_ID,
    PROBABLE_ID,
    Opened,
    Touched,
    decide_openings,
    fingerprint,
    read_rules,
)
from apps.attribution.models import Goal, RulesVersion, Watermark
from apps.attribution.queries.decisions import decision_rules
from apps.attribution.services.versioned_rules import add_rules

_PERSONS = 2_000


def decide(*, property_id: int, clock: Callable[[], datetime], is_full: bool = False) -> int:
    """Decide the openings whose journeys were written since the last time; return how many entries were appended.

    Under the property's build lock. Deciding again appends only what comes out otherwise: a correction (R7).
    """
    goals = {
        goal.pk: (goal.built_version, goal.decides == Goal.Decides.INSTALL)
        for goal in Goal.objects.filter(property_id=property_id, is_archived=False).exclude(decides="")
    }
    watermark = Watermark.objects.get(property_id=property_id)
    appended = 0
    if goals:
        since = 0 if is_full else conversion_version(watermark.decided_build + 1)
        changed = decisions.changed_persons(property_id, list(goals), since=since)
        for persons in _chunks(changed):
            appended += _decide_persons(property_id, goals, persons, clock)
    Watermark.objects.filter(property_id=property_id).update(decided_build=watermark.build)
    return appended


@transaction.atomic
def change_decision_rules(
    *, property_id: int, windows: dict[str, float], made_by: Any, now: datetime, note: str = ""
) -> RulesVersion:
    """Set the windows of decisions, in days, for openings from now on. Raises BadDecisionRulesError."""
    read_rules(windows, 0)
    return add_rules(property_id, RulesVersion.Topic.DECISIONS, windows, made_by=made_by, applies_from=now, note=note)


def _decide_persons(
    property_id: int, goals: dict[int, tuple[int, bool]], persons: Sequence[int], clock: Callable[[], datetime]
) -> int:
    opened = decisions.openings(property_id, goals, persons)
    touched = {one.id: one for one in decisions.touches(property_id, opened)}
    known = decisions.current(property_id, opened)
    rules_at = decision_rules(property_id)
    made: list[tuple[Opened, engine.Decision, int]] = []
    for _, own in groupby(opened, key=lambda one: one.person_id):
        listed = list(own)
        for one, decision in decide_openings(listed, _near(listed, touched), rules_at, decided_at=clock()):
            entry, said = known.get((one.goal_id, one.id), (0, ""))
            if said != fingerprint(decision, one.person_id):
                made.append((one, decision, entry + 1))
    decisions.append(property_id, made)
    return len(made)


def _near(opened: Sequence[Opened], touched: dict[str, Touched]) -> list[Touched]:
    """Return the touches that some openings of one person name, or that share an id of the device with them."""
    names = {name for one in opened for name in (*one.touched, *one.referred, str(one.properties.get("click_id")))}
    shared = [(key, {one.properties.get(key) for one in opened} - {None, ""}) for key in (DEVICE_ID, PROBABLE_ID)]
    return [
        touch
        for touch in touched.values()
        if touch.id in names or any(touch.properties.get(key) in said for key, said in shared)
    ]


def _chunks(persons: Sequence[int]) -> Iterator[Sequence[int]]:
    for begin in range(0, len(persons), _PERSONS):
        yield persons[begin : begin + _PERSONS]
