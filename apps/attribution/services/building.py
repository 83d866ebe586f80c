"""Builds of journeys: everything, or what the events since the watermark can reach. Both end in the same rows (R7)."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from apps.attribution import journey_sql
from apps.attribution.adapters import clickhouse_journeys as journeys
from apps.attribution.adapters import clickhouse_persons as persons
from apps.attribution.adapters.build_lock import build_lock
from apps.attribution.domain import arriving
from apps.attribution.domain.goals import Rule, rule_of
from apps.attribution.domain.reading import key_of
from apps.attribution.models import BuildRun, Goal, Watermark
from apps.attribution.queries.event_reading import note_reading, parted_since, reading_rules
from apps.attribution.queries.trials import trial_numbers
from apps.attribution.services.catching_up import Build, catch_up, write
from apps.attribution.services.deciding import decide
from apps.shared import regions

# Journeys with fewer parts are read nearly as fast as merged ones, and merging rewrites a month.
MOST_PARTS = 5
RECORDS_KEPT = timedelta(days=30)
Clock = Callable[[], datetime]


class BuildUnderWay(Exception):
    """Another build of the property has not finished."""


def build_journeys(*, property_id: int, clock: Clock, is_full: bool = False, since: datetime | None = None) -> BuildRun:
    """Bring the journeys of a property up to date. Safe to repeat; raises BuildUnderWay.

    A full build can be limited to the conversions *since* an instant, once everything has been built.
    """
    with build_lock(property_id) as is_held:
        if not is_held:
            raise BuildUnderWay(f"A build of property {property_id} is under way.")
        return _recorded(property_id, clock, is_full=is_full, since=since)


def tidy_up(*, now: datetime, region: str | None = None) -> None:
    """Merge the parts that small builds left behind in a region, and forget records of builds after a month."""
    journeys.merge_parts(MOST_PARTS, region=region)
    BuildRun.objects.filter(started_at__lt=now - RECORDS_KEPT).delete()


def rules_of(property_id: int) -> tuple[list[Rule], list[Rule]]:
    """Return the rules of a property's goals: those whose journeys follow them, and those that need a full build."""
    built: list[Rule] = []
    unbuilt: list[Rule] = []
    for goal in Goal.objects.filter(property_id=property_id, is_archived=False).select_related("milestone"):
        milestone = goal.milestone and rule_of(goal.milestone.pk, goal.milestone.version, goal.milestone.definition())
        rule = rule_of(goal.pk, goal.version, goal.definition(), milestone or None)
        (built if goal.built_version == goal.version else unbuilt).append(rule)
    return built, unbuilt


def _recorded(property_id: int, clock: Clock, *, is_full: bool, since: datetime | None) -> BuildRun:
    """Run a build between two records of it: one that it began, one how it ended."""
    watermark, _ = Watermark.objects.get_or_create(property_id=property_id)
    state, watermark.journeys_state = watermark.journeys_state, None
    watermark.build += 1  # first, so that a build that dies leaves no version to be used again
    watermark.save(update_fields=["build", "journeys_state"])
    rules = reading_rules(property_id)
    parted = parted_since(watermark, rules)
    is_new = watermark.is_stale or watermark.stored_to is None or parted is None
    is_full = is_full or is_new
    run = BuildRun.objects.create(
        property_id=property_id,
        build=watermark.build,
        kind=BuildRun.Kind.FULL if is_full else BuildRun.Kind.INCREMENTAL,
        started_at=clock(),
        stored_to=watermark.stored_to,
    )
    try:
        seen = _look_back(watermark, run)
        # First, for what the ids mean is read from them.
        persons.draw_links(property_id, run.stored_from or persons.EPOCH)
        who = persons.who_is_who(property_id, rules.identity)
        keys = frozenset(key_of(one) for one in parted or ())
        _run(Build(property_id, watermark.build, None if is_new else since, rules, who, keys), run)
    except Exception as error:
        run.error = watermark.error = f"{type(error).__name__}: {error}"[:2000]
        watermark.save(update_fields=["error"])
        raise
    else:
        decide(property_id=property_id, clock=clock, is_full=run.kind == BuildRun.Kind.FULL)
        watermark.decided_build = watermark.build
        watermark.stored_to, watermark.built_at = run.stored_to, run.started_at
        watermark.seen = arriving.of_last_minute(seen, run.stored_to)
        watermark.is_stale, watermark.error = False, ""
        note_reading(watermark, rules)
        has_changed = run.journeys or run.kind == BuildRun.Kind.FULL
        watermark.journeys_state = uuid.uuid4() if has_changed else state or uuid.uuid4()
        watermark.save()
    finally:
        run.finished_at = clock()
        run.save()
    return run


def _look_back(watermark: Watermark, run: BuildRun) -> dict[str, int]:
    """Tell a run from where to read; return what there was before it began: what comes meanwhile is read again."""
    is_full = run.kind == BuildRun.Kind.FULL
    stored_to = persons.newest_stored(run.property_id)[1] if is_full else watermark.stored_to
    if stored_to is None:
        return {}
    found = persons.stored_by_second(run.property_id, arriving.counted_from(stored_to))
    if not is_full:
        run.stored_from = arriving.unseen_from(stored_to, watermark.seen, found)
    return found


def _run(build: Build, run: BuildRun) -> None:
    built, unbuilt = rules_of(run.property_id)
    if run.stored_from is None or not catch_up(build, run, built):
        run.kind = BuildRun.Kind.FULL
        run.events, run.stored_to = persons.newest_stored(run.property_id)
        if run.stored_from is not None:
            persons.draw_links(run.property_id, persons.EPOCH)
        persons.redraw_persons(build.property_id, build.who, build.version)
        _rebuild(build, built, run.events, since=build.since)
        kept = [rule.goal_id for rule in built + unbuilt] + trial_numbers(run.property_id)
        journeys.drop_all_but(run.property_id, kept)
    _rebuild(build, unbuilt, run.events)
    run.journeys = journeys.count_written(run.property_id, run.build)


def _rebuild(build: Build, rules: Sequence[Rule], events: int, *, since: datetime | None = None) -> None:
    """Write every journey of some goals, a slice of the persons at a time, then drop what was not written again."""
    if not rules:
        return
    slices = journeys.slices_for(events)
    for number in range(slices):
        reach = journey_sql.reach_of_slice(build.who, build.reading, rules, slice_number=number, slices=slices)
        write(build, rules, reach, since=since or persons.EPOCH)
    journeys.write_refunds(build.property_id, rules, build=build.number, orders=None)
    for rule in rules:
        Goal.objects.filter(pk=rule.goal_id).update(built_version=rule.version)
    journeys.drop_replaced(build.property_id, rules, build.number, since=since or persons.EPOCH)
    journeys.merge_parts(2, region=regions.of_property(build.property_id))
