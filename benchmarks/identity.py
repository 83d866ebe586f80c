"""Who is who over a million events: links and persons from nothing, a small build, and what un-merging costs."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from apps.attribution import queries, services
from apps.attribution.adapters import clickhouse_persons as persons
from apps.orgs import api as orgs
from apps.shared import clickhouse
from benchmarks.rows import Row, row

_EVENTS = 1_000_000
_START = datetime(2026, 1, 1, tzinfo=UTC)
PERIOD = (_START, _START + timedelta(days=120))

# Devices of five events each: page, page, identify, page, order. Every fourth user has two devices, every tenth device
# two users, and every hundredth user an alias.
_MAKE = """
INSERT INTO events (
    property_id, message_id, kind, name, occurred_at, received_at, stored_at, anonymous_id, user_id, previous_id,
    device_key, person_key, value, currency, channel, source, medium, campaign, has_source
)
WITH
    intDiv(number, 5) AS device, number % 5 AS step,
    intDiv(device * 4, 5) AS owner, if(device % 10 = 0 AND step = 4, owner + 1, owner) AS who,
    concat('d', toString(device)) AS anonymous, if(step >= 2, concat('u', toString(who)), '') AS user,
    toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + toIntervalSecond(device * 40 + step * 3600) AS at,
    if(step = 2 AND device % 100 = 0, 'alias', ['page', 'page', 'identify', 'page', 'track'][step + 1]) AS kind_of,
    step < 2 AS sourced
SELECT
    {property_id:UInt64}, concat('m', toString(number)), kind_of, if(step = 4, 'Sale', ''), at, at,
    now64(3), anonymous, user, if(kind_of = 'alias', concat('u', toString(who + 7)), ''),
    xxHash64(concat('a:', anonymous)), if(user = '', xxHash64(concat('a:', anonymous)), xxHash64(concat('u:', user))),
    if(step = 4, toDecimal64(10, 4), NULL), if(step = 4, 'EUR', ''),
    if(sourced, ['Email', 'Paid Search'][1 + step], 'Direct'), if(sourced, ['news', 'google'][1 + step], '(direct)'),
    if(sourced, ['email', 'cpc'][1 + step], '(none)'), '', sourced
FROM numbers({events:UInt64})
"""


def run() -> list[Row]:
    """Measure, and leave nothing."""
    with _property() as property_id:
        clickhouse.command(_MAKE, property_id=property_id, events=_EVENTS)
        services.create_goal(property_id=property_id, made_by=None, name="Sale", event_name="Sale")
        rules = queries.reading_rules(property_id)

        def resolve() -> None:
            persons.draw_links(property_id, persons.EPOCH)
            persons.redraw_persons(property_id, persons.who_is_who(property_id, rules.identity), 0)

        resolved = _seconds(resolve)
        built = _seconds(lambda: _build(property_id))
        person = queries.person(property_id, "d5")
        pairs = person.pairs_of_id("a:d5")
        wanted = replace(rules, identity=rules.identity.with_apart(pairs))
        shown = _seconds(lambda: queries.preview(property_id, wanted=wanted, period=PERIOD, of=person))
        looked = _seconds(lambda: queries.person(property_id, "d5"))
        services.keep_apart(property_id=property_id, made_by=None, seen=0, pairs=pairs)
        parted = _seconds(lambda: _build(property_id))
    return [
        row("links and persons of 1 M events", _EVENTS / resolved, "events/s"),
        row("full build of 1 M events, a tenth of the devices shared", built, "s"),
        row("a person with the log of joins", looked * 1000, "ms"),
        row("preview of an un-merge", shown * 1000, "ms"),
        row("un-merge: the build that follows", parted, "s"),
    ]


def _build(property_id: int) -> Any:
    return services.build_journeys(property_id=property_id, clock=timezone.now)


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


@contextmanager
def _property() -> Iterator[int]:
    owner = orgs.ensure_account(email="bench@example.com", password=secrets.token_urlsafe(12))
    organization = orgs.create_organization(name="Bench", slug="bench-identity", owner=owner)
    made = orgs.create_property(
        organization=organization, name="Bench", slug="bench", time_zone="UTC", currency="EUR", made_by=owner
    )
    try:
        yield int(made.pk)
    finally:
        services.delete_property(property_id=made.pk)
        clickhouse.command("DELETE FROM events WHERE property_id = {property_id:UInt64}", property_id=made.pk)
        orgs.delete_organization(slug=organization.slug)
