"""The events as builds read them: `events`, or `events` with ids and sources that rules have changed since.

Collection writes an event once. What a property says later about its ids and sources is a pure function of the event
and the rules, put in here, below everything that visits, persons and journeys are made of. Where no rule changes
anything, the table itself is read.
"""

from collections.abc import Sequence
from typing import Any

import attribution as engine
from apps.attribution.domain.reading import WhoIsWho
from apps.shared import clickhouse

# The hash of an id that is no id: nobody's events lead nowhere.
NOBODY = "xxHash64('u:')"
ROOT = "transform({user}, {{users:Array(UInt64)}}, {{roots:Array(UInt64)}}, {user})"

# The device of an event, whose person it is, and who was signed in on a device when.
_DEVICE = """multiIf(e.device_key NOT IN {{present:Array(UInt64)}}, e.device_key,
            e.person_key NOT IN {{present:Array(UInt64)}}, e.person_key, {nobody})"""
_PERSON = """multiIf(e.person_key NOT IN {{present:Array(UInt64)}}, e.person_key,
            e.device_key NOT IN {{present:Array(UInt64)}}, e.device_key, {nobody})"""
_IS_EXCLUDED = """(e.has_source AND e.medium = 'referral' AND e.campaign = ''
            AND arrayExists(
                host -> e.source = host OR endsWith(e.source, concat('.', host)), {excluded:Array(String)}
            ))"""
# Read once however often a statement names it: ClickHouse plans and runs any other common table anew at every mention.
_SIGN_INS = """sign_ins AS MATERIALIZED (
        SELECT device_key, occurred_at,
            argMin(person_key, (-toUnixTimestamp64Milli(received_at), message_id)) AS signed_in
        FROM {rows}
        WHERE person_key != device_key AND device_key IN ({shared}) AND {is_welcome}
        GROUP BY device_key, occurred_at
    ),
    """
_SHARED = """
            SELECT anonymous_key FROM identity_links
            WHERE property_id = {{property_id:UInt64}} AND {known}
            GROUP BY anonymous_key
            HAVING uniqExact(user_key) > 1 AND uniqExact({root}) <= {{most_users:UInt32}}
"""
KNOWN = "anonymous_key NOT IN {ignored:Array(UInt64)} AND user_key NOT IN {ignored:Array(UInt64)}"


def events(who: WhoIsWho, excluded: Sequence[str] = (), *, keys: bool = False) -> str:
    """Return what stands behind FROM, under the name `events`; with *keys*, only rows of `keys` need be in it.

    The statement must begin with the common tables of `sign_ins` for the same arguments.
    """
    rows = _rows(who, excluded, keys=keys)
    if not who.shares_devices:
        return "events" if rows == "events" else f"{rows} AS events"
    person = "if(r.person_key = r.device_key AND s.signed_in != 0, s.signed_in, r.person_key)"
    return f"""(
        SELECT r.* REPLACE ({person} AS person_key) FROM {rows} AS r
        ASOF LEFT JOIN sign_ins AS s ON r.device_key = s.device_key AND r.occurred_at >= s.occurred_at
    ) AS events"""


def sign_ins(who: WhoIsWho, excluded: Sequence[str] = (), *, keys: bool = False) -> str:
    """Return the common table, and a comma, of who signed in on shared devices when; nothing where none is shared.

    What nobody signed is the user's who was signed in on the device last.
    """
    if not who.shares_devices:
        return ""
    is_welcome = f"NOT {is_apart(who, 'device_key', root('person_key'))}"
    return _SIGN_INS.format(rows=_rows(who, excluded, keys=keys), shared=shared_devices(), is_welcome=is_welcome)


def _rows(who: WhoIsWho, excluded: Sequence[str], *, keys: bool) -> str:
    changes = []
    if who.present:
        changes += [f"{_device()} AS device_key", f"{_person()} AS person_key"]
    if excluded:
        direct = engine.DIRECT
        changes += [
            f"e.has_source AND NOT {_IS_EXCLUDED} AS has_source",
            f"if({_IS_EXCLUDED}, '{engine.Channel.DIRECT.value}', toString(e.channel)) AS channel",
            f"if({_IS_EXCLUDED}, '{direct.source}', toString(e.source)) AS source",
            f"if({_IS_EXCLUDED}, '{direct.medium}', toString(e.medium)) AS medium",
        ]
    if not changes and not who.shares_devices:
        return "events"
    replaced = f" REPLACE ({', '.join(changes)})" if changes else ""
    scope = " AND e.person_key IN {raw_keys:Ids}" if keys else ""
    return f"(SELECT e.*{replaced}, e.own_click FROM events AS e WHERE e.property_id = {{property_id:UInt64}}{scope})"


def parameters(who: WhoIsWho, excluded: Sequence[str] = (), *, keys: Sequence[int] | None = None) -> dict[str, Any]:
    """Return the values that `events` and the statements around it are bound with."""
    pairs = who.apart_from
    return {
        "present": list(who.present),
        "excluded": list(excluded),
        "ignored": list(who.ignored),
        "most_users": who.rules.most_users,
        "users": list(who.roots),
        "roots": list(who.roots.values()),
        "apart_ids": [one for one, _ in pairs],
        "apart_roots": [root for _, root in pairs],
        **({} if keys is None else {"raw_keys": clickhouse.Ids([*keys, *who.present])}),
    }


def is_apart(who: WhoIsWho, key: str, root: str) -> str:
    """Return the condition that a key stays apart from a person."""
    if not who.rules.apart:
        return "false"
    pairs = "SELECT arrayJoin(arrayZip({apart_ids:Array(UInt64)}, {apart_roots:Array(UInt64)}))"
    return f"({key}, {root}) IN ({pairs})"


def root(user: str) -> str:
    """Return the person of a user as aliases have it."""
    return ROOT.format(user=user)


def _device() -> str:
    return _DEVICE.format(nobody=NOBODY)


def _person() -> str:
    return _PERSON.format(nobody=NOBODY)


def shared_devices() -> str:
    """Return the question which devices have several users, and not too many."""
    return _SHARED.format(known=KNOWN, root=root("user_key"))
