"""Whether streams keep coming, and come as usual: looked at by the clock, kept, and counted for the score."""

from datetime import datetime, timedelta
from zlib import crc32

from apps.quality import queries
from apps.quality.domain.rules import OF_STREAMS, Kind, Rule, span
from apps.quality.domain.tallies import COLUMNS, SLOT, TABLE
from apps.quality.domain.volumes import band, windows
from apps.quality.models import Expectation, Observation
from apps.quality.queries.streams import Window
from apps.quality.services.breaches import note_breaches
from apps.shared import clickhouse

KEPT = timedelta(days=90)


def watch_streams(*, property_id: int, time_zone: str, now: datetime) -> list[Observation]:
    """Look at every expectation of streams of one property, and keep what was seen. Safe to repeat."""
    rows = Expectation.objects.filter(
        property_id=property_id, is_archived=False, is_on=True, kind__in=OF_STREAMS
    ).select_related("stream")
    made = []
    for row in rows:
        seen = _observed(row, time_zone, now)
        if seen is not None:
            seen.save()
            made.append(seen)
    if made:
        _count(property_id, made, now)
    note_breaches(property_id=property_id, made=made, now=now)
    Observation.objects.filter(expectation__property_id=property_id, made_at__lt=now - KEPT).delete()
    return made


def _observed(row: Expectation, time_zone: str, now: datetime) -> Observation | None:
    rule = row.rule()
    if rule.kind is Kind.FRESHNESS:
        return _freshness(row, rule, now)
    return _volume(row, rule, time_zone, now)


def _freshness(row: Expectation, rule: Rule, now: datetime) -> Observation:
    within = span(rule.parameters["within"])
    newest = queries.newest_event(row.property_id, rule)
    # What has never come is late from when somebody began to expect it.
    silent = now - (newest or row.created_at)
    return Observation(
        expectation=row,
        made_at=now,
        is_met=silent <= within,
        measured=silent.total_seconds(),
        highest=within.total_seconds(),
        newest_at=newest,
    )


def _volume(row: Expectation, rule: Rule, time_zone: str, now: datetime) -> Observation | None:
    weeks, width = int(rule.parameters.get("weeks", 4)), float(rule.parameters.get("band", 3))
    spans = [Window(*one) for one in windows(now, weeks=weeks, time_zone=time_zone)]
    today, *before = queries.volumes(row.property_id, rule, spans)
    usual = band(before, width=width)
    if usual is None:
        return None
    is_met = usual.lowest <= today <= usual.highest
    return Observation(
        expectation=row, made_at=now, is_met=is_met, measured=today, lowest=usual.lowest, highest=usual.highest
    )


def _count(property_id: int, made: list[Observation], now: datetime) -> None:
    moment = int(now.timestamp() * 1000)
    slot = moment - moment % SLOT
    rows = [
        (property_id, one.expectation_id, one.expectation.stream_id or 0, slot, 1, int(not one.is_met), 0)
        for one in made
    ]
    # A look that is repeated within its quarter of an hour counts once.
    asked = crc32(repr(sorted(row[1] for row in rows)).encode())
    columns = dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
    clickhouse.insert(TABLE, columns, token=f"watch-{property_id}-{slot}-{asked}")
