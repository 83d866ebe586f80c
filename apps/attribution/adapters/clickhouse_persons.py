"""Who is who, in ClickHouse: links drawn from events, persons drawn from links."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import attribution as engine
from apps.attribution import event_sql, goal_sql, journey_sql
from apps.attribution.domain.goals import Rule
from apps.attribution.domain.reading import ReadingRules, WhoIsWho, ignored_keys
from apps.ingestion import api as ingestion
from apps.shared import clickhouse

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The key of events without any id, and the person of their journeys.
_NOBODY = {ingestion.device_key("", ""), 0}
_LINKS_OF_KEYS = """anonymous_key IN (
                SELECT anonymous_key FROM identity_links WHERE property_id = {property_id:UInt64}
                    AND (anonymous_key IN {keys:Ids} OR user_key IN {keys:Ids})
            )"""
_HAS_ALIASES = """SELECT count() FROM (
    SELECT 1 FROM identity_links WHERE property_id = {property_id:UInt64} AND previous_user_key != 0 LIMIT 1
)"""
_FORGOTTEN = """UNION ALL
    SELECT key, key FROM persons FINAL
    WHERE property_id = {property_id:UInt64} AND NOT has({users:Array(UInt64)}, key) AND key NOT IN (
        SELECT anonymous_key FROM identity_links WHERE property_id = {property_id:UInt64} AND <known>
    )"""


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


def stored_by_second(property_id: int, since: datetime) -> dict[str, int]:
    """Return how many events were stored in each second (Unix time, as text) from *since* on."""
    sql = """
        SELECT toString(toUnixTimestamp(stored_at)) AS second, count() FROM events
        WHERE property_id = {property_id:UInt64} AND stored_at >= {since:DateTime64(3, 'UTC')} GROUP BY second
    """
    return dict(clickhouse.select(sql, _row, property_id=property_id, limits=clickhouse.JOB, since=since))


def count_events(property_id: int) -> int:
    """Return how many events a property has."""
    sql = "SELECT count() FROM events WHERE property_id = {property_id:UInt64}"
    return clickhouse.select(sql, int, property_id=property_id, limits=clickhouse.JOB)[0]


def window(property_id: int, who: WhoIsWho, stored_from: datetime, *, ids: int, orders: int) -> Window:
    """Return what was stored since *stored_from*; no more than one above *ids* of keys and devices, and of *orders*."""
    sql = f"""
        SELECT count(), max(stored_at), min(occurred_at),
            groupUniqArray({ids + 1})(person_key), groupUniqArray({ids + 1})(device_key),
            groupUniqArrayIf({orders + 1})(order_id, order_id != '' AND {goal_sql.IS_REFUND})
        FROM {event_sql.events(replace(who, shares_devices=False))}
        WHERE property_id = {{property_id:UInt64}} AND stored_at > {{stored_from:DateTime64(3, 'UTC')}}
    """
    wanted: dict[str, Any] = {"stored_from": stored_from, "present": list(who.present)}
    found = clickhouse.select(sql, _row, property_id=property_id, limits=clickhouse.JOB, **wanted)[0]
    count, stored_to, earliest, keys, devices, refunded = found
    if not count:
        return Window(0, None, None, (), (), ())
    return Window(count, _instant(stored_to), _instant(earliest), tuple(keys), tuple(devices), tuple(refunded))


def draw_links(property_id: int, stored_from: datetime) -> None:
    """Add the links and refunds among the events stored since *stored_from*. Safe to repeat."""
    for sql in (journey_sql.fill("links"), journey_sql.fill("refund_events", is_refund=goal_sql.IS_REFUND)):
        clickhouse.command(sql, property_id=property_id, stored_from=stored_from)


def who_is_who(property_id: int, rules: engine.IdentityRules) -> WhoIsWho:
    """Return what rules about ids mean for a property whose links are drawn."""
    roots = engine.roots_of(_aliases(property_id, rules), apart=WhoIsWho(rules).apart)
    who = WhoIsWho(rules, _present(property_id, rules), roots)
    sql = f"SELECT count() FROM ({event_sql.shared_devices()} LIMIT 1)"
    bound = event_sql.parameters(who)
    shares = clickhouse.select(sql, bool, property_id=property_id, limits=clickhouse.JOB, **bound)[0]
    return replace(who, shares_devices=shares)


def _aliases(property_id: int, rules: engine.IdentityRules) -> list[engine.Alias[int]]:
    """Return the aliases between users, each by its earliest event.

    An alias joins its previous id as a user only where some event names that id as a user.
    """
    if not clickhouse.select(_HAS_ALIASES, bool, property_id=property_id, limits=clickhouse.JOB)[0]:
        return []  # as most properties, and the events need not be asked
    sql = f"""
        SELECT previous_user_key, user_key, min((linked_at, message_id)) AS earliest FROM identity_links
        WHERE property_id = {{property_id:UInt64}} AND {event_sql.KNOWN} AND previous_user_key != 0
            AND previous_user_key NOT IN {{ignored:Array(UInt64)}} AND previous_user_key IN (
                SELECT person_key FROM events
                WHERE property_id = {{property_id:UInt64}} AND person_key IN (
                    SELECT previous_user_key FROM identity_links
                    WHERE property_id = {{property_id:UInt64}} AND previous_user_key != 0
                )
            )
        GROUP BY previous_user_key, user_key
    """
    wanted: dict[str, Any] = {"ignored": list(ignored_keys(rules))}
    rows = clickhouse.select(sql, _row, property_id=property_id, limits=clickhouse.JOB, **wanted)
    return [engine.Alias(previous, user, *earliest) for previous, user, earliest in rows]


def _present(property_id: int, rules: engine.IdentityRules) -> tuple[int, ...]:
    """Return the keys that are nobody's and that events hold: usually none, for collection leaves most out."""
    sql = """
        SELECT person_key AS key FROM events
        WHERE property_id = {property_id:UInt64} AND person_key IN {ignored:Array(UInt64)} GROUP BY person_key
        UNION ALL
        SELECT arrayJoin(arrayFilter(id -> id IN {ignored:Array(UInt64)}, [anonymous_key, user_key]))
        FROM identity_links
        WHERE property_id = {property_id:UInt64}
            AND (anonymous_key IN {ignored:Array(UInt64)} OR user_key IN {ignored:Array(UInt64)})
    """
    wanted: dict[str, Any] = {"ignored": list(ignored_keys(rules))}
    return tuple(sorted({*clickhouse.select(sql, int, property_id=property_id, limits=clickhouse.JOB, **wanted)}))


def users_who_moved(property_id: int, who: WhoIsWho) -> set[int]:
    """Return the aliased users whose person is another than `persons` says."""
    sql = """
        SELECT key, person_id FROM persons FINAL
        WHERE property_id = {property_id:UInt64} AND key IN {users:Array(UInt64)}
    """
    rows = clickhouse.select(sql, _row, property_id=property_id, limits=clickhouse.JOB, users=list(who.roots))
    before = dict(rows)
    return {user for user, root in who.roots.items() if before.get(user, user) != root}


def person_changes(property_id: int, who: WhoIsWho, keys: Sequence[int] | None) -> list[Change]:
    """Return what `persons` says otherwise than the links; *keys* (of persons) limit which links are read."""
    changes, parameters = _persons_statement(who, keys)
    # In one row: of a result without any, which is the rule, the local server asks the columns by running it again.
    sql = f"SELECT groupArray((key, person_id, before)) FROM ({changes})"
    return clickhouse.select(sql, _changes, property_id=property_id, limits=clickhouse.JOB, **parameters)[0]


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


def redraw_persons(property_id: int, who: WhoIsWho, version: int) -> None:
    """Write every id whose person has changed, all inside ClickHouse."""
    changes, parameters = _persons_statement(who, None)
    sql = f"""
        INSERT INTO persons (property_id, key, person_id, version)
        SELECT {{property_id:UInt64}}, key, person_id, {{version:UInt64}} FROM ({changes})
    """
    clickhouse.command(sql, property_id=property_id, version=version, **parameters)


def persons_touched(property_id: int, keys: Iterable[int], devices: Iterable[int]) -> set[int]:
    """Return the persons of some keys, and of everybody who used some devices."""
    sql = """
        WITH touched AS MATERIALIZED (
            SELECT id AS key FROM {keys:Ids}
            UNION DISTINCT
            SELECT user_key FROM identity_links
            WHERE property_id = {property_id:UInt64} AND anonymous_key IN {devices:Ids}
        )
        SELECT DISTINCT if(known.person_id != 0, known.person_id, touched.key)
        FROM touched LEFT JOIN (
            SELECT key, person_id FROM persons FINAL
            WHERE property_id = {property_id:UInt64} AND key IN (SELECT key FROM touched)
        ) AS known ON touched.key = known.key
    """
    wanted: dict[str, Any] = {
        "keys": clickhouse.Ids(sorted({*keys, *devices})),
        "devices": clickhouse.Ids(sorted(devices)),
    }
    return set(clickhouse.select(sql, int, property_id=property_id, limits=clickhouse.JOB, **wanted))


def reach_of(property_id: int, who: WhoIsWho, rules: ReadingRules, persons: Iterable[int]) -> journey_sql.Reach:
    """Return everything that must be read to build the journeys of some persons."""
    wanted = sorted(_with_nobody(set(persons)))
    sql = journey_sql.fill("reach")
    found = clickhouse.select(sql, _row, property_id=property_id, persons=clickhouse.Ids(wanted), limits=clickhouse.JOB)
    devices, users = found[0]
    return journey_sql.reach_of_persons(who, rules, wanted, sorted({*devices, *users}), sorted(devices))


def nobody_once(persons: Iterable[int]) -> set[int]:
    """Return persons with one name of nobody at most."""
    found = set(persons)
    return (found - _NOBODY) | {0} if found & _NOBODY else found


def _with_nobody(persons: set[int]) -> set[int]:
    """Return persons with both names of nobody, who converts without an id: that of the events and that of journeys."""
    return persons | _NOBODY if persons & _NOBODY else persons


def converting(property_id: int, rules: Sequence[Rule], reach: journey_sql.Reach, since: datetime) -> list[int]:
    """Return which persons in reach may have a conversion from *since* on: only theirs can be written."""
    asked = journey_sql.converting(rules, reach)
    limits = clickhouse.JOB
    return clickhouse.select(asked.sql, int, property_id=property_id, limits=limits, since=since, **asked.parameters)


def _persons_statement(who: WhoIsWho, keys: Sequence[int] | None) -> tuple[str, dict[str, Any]]:
    """Return what `persons` should say otherwise; without *keys* about every id, also those that no link names now."""
    scope, current, kept, forgotten, parameters = "true", "true", "", _FORGOTTEN, event_sql.parameters(who)
    if keys is not None:  # few, so they are kept to be read twice: every id of a property would fill the memory
        scope, current, kept, forgotten = _LINKS_OF_KEYS, "key IN (SELECT key FROM wanted)", "MATERIALIZED", ""
        parameters["keys"] = clickhouse.Ids(keys)
    sql = journey_sql.fill(
        "persons",
        root=event_sql.root("user_key"),
        is_apart=event_sql.is_apart(who, "anonymous_key", "root"),
        known=event_sql.KNOWN,
        link_scope=scope,
        current_scope=current,
        kept=kept,
        forgotten=forgotten.replace("<known>", event_sql.KNOWN),
    )
    return sql, parameters


def _changes(rows: Sequence[tuple[int, int, int]]) -> list[Change]:
    return [Change(key, person, before or key) for key, person, before in rows]


def _row(*values: Any) -> tuple[Any, ...]:
    return values


def _instant(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)
