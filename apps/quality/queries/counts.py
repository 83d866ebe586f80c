"""What was asked and what failed by day, and where everything is that came (R9)."""

from datetime import date, datetime
from typing import Any, NamedTuple

from apps.quality.queries.quarantine import LATER, STATE, Selection, items_sql
from apps.shared import clickhouse


class DayCount(NamedTuple):
    """How often one expectation was asked of one stream on one day, and how often it failed."""

    day: date
    expectation_id: int
    stream_id: int
    checked: int
    flagged: int
    quarantined: int

    @property
    def failed(self) -> int:
        """How many failed, whatever became of them."""
        return self.flagged + self.quarantined


class Accounting(NamedTuple):
    """Where the events are that were received in a period: the parts add up to the whole."""

    received: int
    stored: int
    waiting: int
    under_way: int
    discarded: int
    duplicate: int
    refused: int


def day_counts(property_id: int, *, since: datetime, until: datetime, time_zone: str) -> list[DayCount]:
    """Return the counts of the days within, in order; a day begins at midnight of *time_zone*."""
    sql = """
        SELECT toDate(toTimeZone(slot, {time_zone:String})) AS day, expectation_id, stream_id,
            sum(checked), sum(flagged), sum(quarantined)
        FROM quality_checks
        WHERE property_id = {property_id:UInt64} AND slot >= {since:DateTime64(3, 'UTC')}
            AND slot < {until:DateTime64(3, 'UTC')}
        GROUP BY day, expectation_id, stream_id ORDER BY day, expectation_id, stream_id
    """
    given: Any = {"since": since, "until": until, "time_zone": time_zone}
    return clickhouse.select(sql, DayCount, property_id=property_id, **given)


def accounting(property_id: int, *, since: datetime, until: datetime) -> Accounting:
    """Return where everything is that was received within."""
    given: Any = {"property_id": property_id, "since": since, "until": until}
    within = "received_at >= {since:DateTime64(3, 'UTC')} AND received_at < {until:DateTime64(3, 'UTC')}"
    stored = f"""
        SELECT count() FROM events
        WHERE property_id = {{property_id:UInt64}} AND stored_at >= {{since:DateTime64(3, 'UTC')}} AND {within}
    """
    ends = f"""
        SELECT outcome, count() FROM outcomes
        WHERE property_id = {{property_id:UInt64}} AND {within} AND outcome IN ('duplicate', 'refused')
        GROUP BY outcome
    """
    items = f"""
        SELECT state, count(), sum(times - replays + (left_at > kept_at AND left_as = 'replayed')) FROM (
            SELECT *, message_id IN (
                SELECT message_id FROM events WHERE property_id = {{property_id:UInt64}} AND {within}
            ) AS is_stored, {STATE} AS state FROM ({items_sql(Selection(since, until))})
        ) GROUP BY state
    """
    (in_reports,) = clickhouse.select(stored, int, **given)
    by_end: dict[str, int] = dict(clickhouse.select(ends, lambda *row: row, **given))
    by_state = {row[0]: row[1:] for row in clickhouse.select(items, lambda *row: row, **given)}
    kept = {state: by_state.get(state, (0, 0))[0] for state in ("waiting", "failed_again", "discarded", *LATER)}
    # The same id kept back twice is one event and its double, wherever the one is now.
    doubles = sum(copies - messages for messages, copies in by_state.values())
    waiting = kept["waiting"] + kept["failed_again"]
    duplicate = by_end.get("duplicate", 0) + doubles
    refused = by_end.get("refused", 0)
    whole = in_reports + waiting + kept["under_way"] + kept["discarded"] + duplicate + refused
    return Accounting(whole, in_reports, waiting, kept["under_way"], kept["discarded"], duplicate, refused)
