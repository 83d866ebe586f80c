"""Who is who, in ClickHouse: links drawn from events, persons drawn from links."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import attribution as engine
from apps.attribution import goal_sql, journey_sql
from apps.attribution.domain.goals import Rule
from apps.ingestion import api as ingestion
from apps.shared import clickhouse

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The key of events without any id, and the person of their journeys.
_NOBODY = {ingestion.device_key("", ""), 0}
_ROOT = "transform(owner, {users:Array(UInt64)}, {roots:Array(UInt64)}, owner)"


@dataclass(frozen=True, slots=True)
class Change:
    """An id that belongs to another person than before (`before` is the id itself when it was nobody's)."""

    key: int
    person: int
    before: int


@dataclass(frozen=True, slots=True)
class Window:
    """What was stored since a watermark."""

    events: int
    stored_to: datetime | None
    earliest: datetime | None
    keys: tuple[int, ...]
    devices: tuple[int, ...]
    orders: tuple[str, ...]


def newest_stored(property_id: int) -> tuple[int, datetime | None]:
    """Return how many events a property has and when the newest was stored."""
    sql = "SELECT count(), max(stored_at) FROM events WHERE property_id = {property_id:UInt64}"
    count, stored_at = clickhouse.select(sql, _row, property_id=property_id, limits=clickhouse.JOB)[0]
    return count, _instant(stored_at) if count else None


def window(property_id: int, stored_from: datetime, most: int) -> Window:
    """Return what was stored since *stored_from*; of ids and orders, no more than *most* + 1."""
    sql = f"""
        SELECT count(), max(stored_at), min(occurred_at),
            groupUniqArray({most + 1})(person_key), groupUniqArray({most + 1})(device_key),
            groupUniqArrayIf({most + 1})(order_id, order_id != '' AND {goal_sql.IS_REFUND})
        FROM events
        WHERE property_id = {{property_id:UInt64}} AND stored_at > {{stored_from:DateTime64(3, 'UTC')}}
    """
    found = clickhouse.select(sql, _row, property_id=property_id, stored_from=stored_from, limits=clickhouse.JOB)[0]
    count, stored_to, earliest, keys, devices, orders = found
    if not count:
        return Window(0, None, None, (), (), ())
    return Window(count, _instant(stored_to), _instant(earliest), tuple(keys), tuple(devices), tuple(orders))


def draw_links(property_id: int, stored_from: datetime) -> None:
    """Add the links and refunds among the events stored since *stored_from*. Safe to repeat."""
    for sql in (journey_sql.fill("links"), journey_sql.fill("refund_events", is_refund=goal_sql.IS_REFUND)):
        clickhouse.command(sql, property_id=property_id, stored_from=stored_from)


def aliased_users(property_id: int) -> dict[int, int]:
    """Return the person of every user whose person is another user.

    An alias joins its previous id as a user only where some event names that id as a user.
    """
    sql = """
        SELECT previous_user_key, user_key FROM identity_links
        WHERE property_id = {property_id:UInt64} AND previous_user_key != 0 AND previous_user_key IN (
            SELECT person_key FROM events
            WHERE property_id = {property_id:UInt64} AND person_key IN (
                SELECT previous_user_key FROM identity_links
                WHERE property_id = {property_id:UInt64} AND previous_user_key != 0
            )
        )
        GROUP BY previous_user_key, user_key
    """
    pairs = clickhouse.select(sql, engine.Alias, property_id=property_id, limits=clickhouse.JOB)
    return engine.resolve_persons([], pairs)


def person_changes(property_id: int, keys: Sequence[int] | None, aliased: dict[int, int]) -> list[Change]:
    """Return what `persons` says otherwise than the links; *keys* (of persons) limit which links are read."""
    sql, parameters = _persons_statement(keys, aliased)
    rows = clickhouse.select(sql, _row, property_id=property_id, limits=clickhouse.JOB, **parameters)
    return [Change(key, person, before or key) for key, person, before in rows]


def write_persons(property_id: int, changes: Sequence[Change], version: int) -> None:
    """Write who the changed ids belong to."""
    if changes:
        clickhouse.insert(
            "persons",
            {
                "property_id": [property_id] * len(changes),
                "key": [change.key for change in changes],
                "person_id": [change.person for change in changes],
                "version": [version] * len(changes),
            },
        )


def redraw_persons(property_id: int, aliased: dict[int, int], version: int) -> None:
    """Write every id whose person has changed, all inside ClickHouse."""
    changes, parameters = _persons_statement(None, aliased)
    sql = f"""
        INSERT INTO persons (property_id, key, person_id, version)
        SELECT {{property_id:UInt64}}, key, person_id, {{version:UInt64}} FROM ({changes})
    """
    clickhouse.command(sql, property_id=property_id, version=version, **parameters)


def persons_touched(property_id: int, keys: Iterable[int], devices: Iterable[int]) -> set[int]:
    """Return the persons of some keys, and of everybody who used some devices."""
    sql = """
        SELECT DISTINCT if(known.person_id != 0, known.person_id, touched.key)
        FROM (
            SELECT arrayJoin({keys:Array(UInt64)}) AS key
            UNION DISTINCT
            SELECT user_key FROM identity_links
            WHERE property_id = {property_id:UInt64} AND anonymous_key IN {devices:Array(UInt64)}
        ) AS touched
        LEFT JOIN (
            SELECT key, person_id FROM persons FINAL WHERE property_id = {property_id:UInt64}
        ) AS known ON touched.key = known.key
    """
    wanted: dict[str, Any] = {"keys": sorted({*keys, *devices}), "devices": list(devices)}
    return set(clickhouse.select(sql, int, property_id=property_id, limits=clickhouse.JOB, **wanted))


def reach_of(property_id: int, persons: Iterable[int]) -> journey_sql.Reach:
    """Return everything that must be read to build the journeys of some persons."""
    wanted = sorted(_with_nobody(set(persons)))
    sql = journey_sql.fill("reach")
    found = clickhouse.select(sql, _row, property_id=property_id, persons=wanted, limits=clickhouse.JOB)
    devices, users = found[0]
    return journey_sql.reach_of_persons(wanted, sorted({*devices, *users}), sorted(devices))


def _with_nobody(persons: set[int]) -> set[int]:
    """Return persons with both names of nobody, who converts without an id: that of the events and that of journeys."""
    return persons | _NOBODY if persons & _NOBODY else persons


def converting(property_id: int, rules: Sequence[Rule], reach: journey_sql.Reach, since: datetime) -> list[int]:
    """Return which persons in reach may have a conversion from *since* on: only theirs can be written."""
    asked = journey_sql.converting(rules, reach)
    limits = clickhouse.JOB
    return clickhouse.select(asked.sql, int, property_id=property_id, limits=limits, since=since, **asked.parameters)


def _persons_statement(keys: Sequence[int] | None, aliased: dict[int, int]) -> tuple[str, dict[str, Any]]:
    parameters: dict[str, Any] = {"users": list(aliased), "roots": list(aliased.values())}
    if keys is None:
        return journey_sql.fill("persons", root_of_owner=_ROOT, link_scope="true"), parameters
    scope = (
        "anonymous_key IN (SELECT anonymous_key FROM identity_links WHERE property_id = {property_id:UInt64} "
        "AND (anonymous_key IN {keys:Array(UInt64)} OR user_key IN {keys:Array(UInt64)}))"
    )
    return journey_sql.fill("persons", root_of_owner=_ROOT, link_scope=scope), {**parameters, "keys": list(keys)}


def _row(*values: Any) -> tuple[Any, ...]:
    return values


def _instant(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)
