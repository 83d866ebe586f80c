"""Rule-based methods over a million journeys of mean length 4.5, made and read inside ClickHouse."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.attribution import queries
from apps.attribution.adapters import clickhouse_journeys
from apps.attribution.models import Goal
from apps.attribution.services import delete_property
from apps.orgs import api as orgs
from apps.shared import clickhouse
from benchmarks.rows import Row, row, seconds_of

_JOURNEYS = 1_000_000
_BLOCKS = 4
_FIVE = ("last_touch", "last_non_direct", "linear", "position_based", "time_decay")
_START = datetime(2026, 1, 1, tzinfo=UTC)
PERIOD = (_START, _START + timedelta(days=120))

# Lengths are geometric with mean 4.5, none of them 0; one touchpoint in three is a view of the last day.
_MAKE = """
INSERT INTO journeys (
    property_id, goal_id, goal_version, conversion_id, is_counted, person_id, converted_at, credited_at, value,
    currency, touch_ids, touch_kinds, touch_ages_ms, touch_channels, touch_sources, touch_mediums, touch_campaigns
)
WITH
    ['Direct', 'Email', 'Paid Search', 'Organic Search', 'Paid Social', 'Display', 'Referral', 'Affiliates'] AS names,
    toUInt32(1 + least(60, floor(log((1 + cityHash64(number) % 999983) / 999984) / log(1 - 1 / 4.5)))) AS size,
    toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + toIntervalSecond(number * 10) AS at
SELECT
    {property_id:UInt64}, {goal_id:UInt64}, 1, concat('c', toString(number)), true, number, at, at,
    toDecimal64((cityHash64(number, 1) % 20000) / 100, 2), 'EUR',
    arrayMap(nth -> concat('t', toString(number), '-', toString(nth)), range(size)),
    arrayMap(nth -> ['view', 'visit', 'click'][1 + cityHash64(number, nth) % 3], range(size)),
    arrayReverseSort(arrayMap(nth -> toUInt64(cityHash64(number, nth, 1) % 2592000000), range(size))),
    arrayMap(nth -> names[1 + cityHash64(number, nth, 2) % 8], range(size)),
    arrayMap(nth -> concat('source', toString(cityHash64(number, nth, 3) % 12)), range(size)),
    arrayMap(nth -> concat('medium', toString(cityHash64(number, nth, 4) % 6)), range(size)),
    arrayMap(nth -> concat('campaign', toString(cityHash64(number, nth, 5) % 40)), range(size))
FROM numbers({first:UInt64}, {size:UInt64})
"""


def run() -> list[Row]:
    """Make the journeys, time every method, a comparison of five and the panels of a report, and leave nothing."""
    with stored_journeys("bench-attribution") as (property_id, goal_id):
        return _measure(property_id, goal_id)


@contextmanager
def stored_journeys(slug: str) -> Iterator[tuple[int, int]]:
    """Lend a property and its goal with a million journeys."""
    owner = orgs.ensure_account(email="bench@example.com", password=secrets.token_urlsafe(12))
    organization = orgs.create_organization(name="Bench", slug=slug, owner=owner)
    made = orgs.create_property(
        organization=organization, name="Bench", slug="bench", time_zone="UTC", currency="EUR", made_by=owner
    )
    goal = Goal.objects.create(property_id=made.pk, name="Sale", event_name="Sale", built_version=1)
    try:
        _make(made.pk, goal.pk)
        yield made.pk, goal.pk
    finally:
        delete_property(property_id=made.pk)
        orgs.delete_organization(slug=organization.slug)


def _make(property_id: int, goal_id: int) -> None:
    size = _JOURNEYS // _BLOCKS
    for block in range(_BLOCKS):
        clickhouse.command(_MAKE, property_id=property_id, goal_id=goal_id, first=block * size, size=size)
    clickhouse_journeys.merge_parts(2)


def _measure(property_id: int, goal_id: int) -> list[Row]:
    note = f"{_JOURNEYS:,} journeys, mean length 4.5, median of 5, both cores"
    rows = []
    bounds: dict[str, Any] = {"goal_id": goal_id, "period": PERIOD}
    for method in queries.methods():
        median, _ = seconds_of(lambda name=method.name: queries.credit_by(property_id, method=name, **bounds))  # type: ignore[misc]
        rows.append(row(f"attribution: {method.title} by channel", round(median, 3), "s", "< 0.6", note))
    median, _ = seconds_of(lambda: queries.compare_methods(property_id, methods=_FIVE, **bounds))
    rows.append(row("attribution: five methods at once by channel", round(median, 3), "s", "< 1", note))
    for name, ask in (("totals", queries.totals), ("unattributed because", queries.unattributed)):
        median, _ = seconds_of(lambda ask=ask: ask(property_id, **bounds))  # type: ignore[misc]
        rows.append(row(f"attribution: {name}", round(median, 3), "s", "< 1", note))
    return rows
