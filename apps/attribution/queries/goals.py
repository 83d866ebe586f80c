"""Goals, methods, and how far the figures reach."""

from datetime import UTC, datetime, timedelta

import attribution as engine
from apps.attribution import goal_sql
from apps.attribution.adapters.build_lock import is_locked
from apps.attribution.domain.goals import Rule
from apps.attribution.domain.results import Freshness, GoalInfo, MethodInfo, SeenEvent
from apps.attribution.models import Goal, Watermark
from apps.shared import clickhouse

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def goals(property_id: int) -> list[GoalInfo]:
    """Return the goals in use, the primary one first."""
    rows = Goal.objects.filter(property_id=property_id, is_archived=False)
    return [
        GoalInfo(
            id=row.pk,
            name=row.name,
            event_name=row.event_name,
            counting=row.counting,
            is_primary=row.is_primary,
            version=row.version,
            built_version=row.built_version,
        )
        for row in rows
    ]


def methods() -> list[MethodInfo]:
    """Return the methods that follow a rule, in the order in which pages offer them."""
    return [MethodInfo(one.name, one.title, one.description, one.cannot_claim) for one in engine.METHODS.values()]


def learned_methods() -> list[MethodInfo]:
    """Return the methods that must be trained first, in the order in which pages offer them."""
    return [MethodInfo(one.name, one.title, one.description, one.cannot_claim) for one in engine.LEARNED.values()]


def events_meeting(property_id: int, rule: Rule, *, since: datetime) -> int:
    """Return how many events since *since* meet a goal, stored or not."""
    bound = goal_sql.Parameters()
    sql = f"""
        SELECT count() FROM events
        WHERE property_id = {{property_id:UInt64}} AND occurred_at >= {{since:DateTime64(3, 'UTC')}}
            AND {goal_sql.meets(rule, bound)}
    """
    return clickhouse.select(sql, int, property_id=property_id, since=since, **bound.values)[0]


def seen_events(property_id: int, *, since: datetime, most: int) -> list[SeenEvent]:
    """Return what has been tracked since *since*: first what carries money, then what is frequent."""
    sql = """
        SELECT name, count() AS events, countIf(isNotNull(value)) AS valued FROM events
        WHERE property_id = {property_id:UInt64} AND occurred_at >= {since:DateTime64(3, 'UTC')}
            AND kind = 'track' AND name != ''
        GROUP BY name ORDER BY valued DESC, events DESC, name LIMIT {most:UInt32}
    """
    return clickhouse.select(sql, SeenEvent, property_id=property_id, since=since, most=most)


def freshness(property_id: int) -> Freshness:
    """Return the newest event that was stored, the last build, and whether one is under way."""
    mark = Watermark.objects.filter(property_id=property_id).first() or Watermark()
    sql = """
        SELECT max(stored_at), count() FROM events
        WHERE property_id = {property_id:UInt64} AND stored_at > {built_to:DateTime64(3, 'UTC')}
    """
    newest, count = clickhouse.select(
        sql,
        lambda *row: row,
        property_id=property_id,
        built_to=mark.stored_to or _EPOCH,
        despite_limits="How fresh the figures are tells nothing of a source.",
    )[0]
    newest = newest if newest.tzinfo else newest.replace(tzinfo=UTC)
    newest_event_at = newest if count else mark.stored_to
    behind = timedelta(0)
    if newest_event_at and mark.stored_to:
        behind = newest_event_at - mark.stored_to
    return Freshness(
        newest_event_at=newest_event_at,
        built_at=mark.built_at,
        built_to=mark.stored_to,
        behind=behind,
        is_building=is_locked(property_id),
        error=mark.error,
    )
