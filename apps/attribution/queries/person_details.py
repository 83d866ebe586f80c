"""A person by one of their ids: every id, why it is theirs, and the conversions they feed."""

from collections.abc import Collection, Mapping
from typing import Any

import attribution as engine
from apps.attribution import event_sql
from apps.attribution.adapters import clickhouse_persons as persons
from apps.attribution.domain.people import FedJourney, KnownId, PersonDetail
from apps.attribution.domain.reading import WhoIsWho, key_of
from apps.attribution.queries.conversions import utc
from apps.attribution.queries.event_reading import identity_rules_of
from apps.shared import clickhouse

MOST_IDS, MOST_JOINS, MOST_JOURNEYS = 200, 500, 50

_PERSON = """
SELECT if(known.person_id != 0, known.person_id, asked.key) FROM (SELECT {key:UInt64} AS key) AS asked
LEFT JOIN (SELECT key, person_id FROM persons FINAL WHERE property_id = {property_id:UInt64} AND key = {key:UInt64})
    AS known ON asked.key = known.key
"""
_KEYS = """
SELECT DISTINCT key FROM (
    SELECT key FROM persons FINAL WHERE property_id = {property_id:UInt64} AND person_id = {person:UInt64}
    UNION ALL SELECT {person:UInt64}
)
ORDER BY key = {person:UInt64} DESC, key LIMIT {most:UInt32}
"""
_LINKS = """
SELECT anonymous_key, user_key, previous_user_key, min((linked_at, message_id)) AS earliest,
    any(anonymous_id), any(user_id)
FROM identity_links
WHERE property_id = {property_id:UInt64} AND <known> AND (
    anonymous_key IN (
        SELECT anonymous_key FROM identity_links WHERE property_id = {property_id:UInt64}
            AND (anonymous_key IN {keys:Array(UInt64)} OR user_key IN {keys:Array(UInt64)})
    ) OR previous_user_key IN {keys:Array(UInt64)}
)
GROUP BY anonymous_key, user_key, previous_user_key
ORDER BY earliest LIMIT {most:UInt32}
"""
_COUNTS = """
SELECT person_key, any(user_id), any(anonymous_id), count(), min(occurred_at), max(occurred_at) FROM events
WHERE property_id = {property_id:UInt64} AND person_key IN {keys:Array(UInt64)}
GROUP BY person_key
"""
_JOURNEYS = """
SELECT conversion_id, goal_id, converted_at, value, currency, length(touch_ids), is_refund
FROM journeys FINAL
WHERE property_id = {property_id:UInt64} AND person_id = {person:UInt64}
ORDER BY converted_at DESC, conversion_id LIMIT {most:UInt32}
"""


class UnknownPerson(LookupError):
    """No event of the property names such an id."""


def person(property_id: int, text: str) -> PersonDetail:
    """Return the person of an id: as it was sent, or with ``u:`` or ``a:`` before it. Raises UnknownPerson.

    An id of both kinds is looked for as a user first; one that is nobody's has neither ids nor joins.
    """
    rules, version = identity_rules_of(property_id)
    for key in _readings(text):
        if key[2:] in rules.ignored():
            return PersonDetail(key, (), (), (), version)
        if _is_known(property_id, key_of(key)):
            return _person(property_id, key, rules, version)
    raise UnknownPerson(text)


def _readings(text: str) -> list[str]:
    if not text or len(text) > engine.LONGEST_ID or "\x00" in text:
        return []
    return [text, f"u:{text}", f"a:{text}"] if text[:2] in {"a:", "u:"} else [f"u:{text}", f"a:{text}"]


def _is_known(property_id: int, key: int) -> bool:
    sql = """
        SELECT count() > 0 FROM (
            SELECT 1 FROM events WHERE property_id = {property_id:UInt64} AND person_key = {key:UInt64} LIMIT 1
            UNION ALL
            SELECT 1 FROM identity_links
            WHERE property_id = {property_id:UInt64} AND (anonymous_key = {key:UInt64} OR user_key = {key:UInt64})
            LIMIT 1
        )
    """
    return clickhouse.select(sql, bool, property_id=property_id, key=key)[0]


def _person(property_id: int, key: str, rules: engine.IdentityRules, version: int) -> PersonDetail:
    who = persons.who_is_who(property_id, rules)
    (person_id,) = clickhouse.select(_PERSON, int, property_id=property_id, key=key_of(key))
    keys = clickhouse.select(_KEYS, int, property_id=property_id, person=person_id, most=MOST_IDS + 1)
    rows = _links(property_id, keys, who)
    counts = {row[0]: row for row in clickhouse.select(_COUNTS, _row, property_id=property_id, keys=keys)}
    names = _names(key, rows, counts)
    journeys = clickhouse.select(_JOURNEYS, _journey, property_id=property_id, person=person_id, most=MOST_JOURNEYS + 1)
    joins = _joins(rows[:MOST_JOINS], who, names, keys)
    has_more = len(keys) > MOST_IDS or len(rows) > MOST_JOINS or len(journeys) > MOST_JOURNEYS
    known = [_known(names[one], counts.get(one)) for one in keys[:MOST_IDS] if one in names]
    known.sort(key=lambda one: (not one.is_user, one.text))
    named = names.get(person_id, key)
    return PersonDetail(named, tuple(known), tuple(joins), tuple(journeys[:MOST_JOURNEYS]), version, has_more)


def _links(property_id: int, keys: Collection[int], who: WhoIsWho) -> list[tuple[Any, ...]]:
    sql = _LINKS.replace("<known>", event_sql.KNOWN)
    bound: dict[str, Any] = {"keys": list(keys), "most": MOST_JOINS + 1, "ignored": list(who.ignored)}
    return clickhouse.select(sql, _row, property_id=property_id, **bound)


def _names(key: str, rows: list[tuple[Any, ...]], counts: Mapping[int, tuple[Any, ...]]) -> dict[int, str]:
    """Return the texts of keys."""
    names = {key_of(key): key}
    for anonymous, user, previous, _, anonymous_id, user_id in rows:
        names |= {anonymous: f"a:{anonymous_id}", user: f"u:{user_id}"}
        if previous:
            names[previous] = f"u:{anonymous_id}"
    for one, (_, user_id, anonymous_id, *_) in counts.items():
        text = next((text for text in (f"u:{user_id}", f"a:{anonymous_id}") if key_of(text) == one), "")
        if text:
            names.setdefault(one, text)
    return names


def _joins(
    rows: list[tuple[Any, ...]], who: WhoIsWho, names: Mapping[int, str], keys: Collection[int]
) -> list[engine.Join[str]]:
    """Return what the engine says of the links around a person, those that concern one of the person's ids."""
    links = [engine.Link(row[0], row[1], utc(row[3][0]), row[3][1], by_alias=bool(row[2])) for row in rows]
    aliases = [
        engine.Alias(row[2], row[1], utc(row[3][0]), row[3][1]) for row in rows if row[2] and row[2] in who.roots
    ]
    every = engine.joins_of(links, aliases, apart=who.apart, most_users=who.rules.most_users, roots=who.roots)
    own = set(keys)
    named = [engine.Join(names[one.id], names[one.user], *one[2:]) for one in every if one.id in own or one.user in own]
    return sorted(named, key=lambda one: (one.joined_at, one.message_id, one.id, one.user))


def _known(key: str, row: tuple[Any, ...] | None) -> KnownId:
    return KnownId(key, row[3], utc(row[4]), utc(row[5])) if row else KnownId(key, 0, None, None)


def _journey(*row: Any) -> FedJourney:
    conversion_id, goal_id, converted_at, value, currency, touchpoints, is_refund = row
    return FedJourney(conversion_id, goal_id, utc(converted_at), value, currency, touchpoints, bool(is_refund))


def _row(*values: Any) -> tuple[Any, ...]:
    return values
