"""Questions about ad spend, which comes in as events of its own kind."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.ingestion.domain.spend import SpendRow, UnknownSpendDimension
from apps.shared import behalf, clickhouse

# A platform corrects its figures for days: of one day and campaign, what was stated last holds. What was stated before
# and is stated again ends as a duplicate, and holds from then on, unless it has an id of its client's own (ADR 0127).
_LAST = """
    WITH again AS (
        SELECT message_id, max(received_at) AS again_at FROM outcomes
        WHERE property_id = {property_id:UInt64} AND outcome = 'duplicate' AND message_id IN (
            SELECT message_id FROM events
            WHERE property_id = {property_id:UInt64} AND kind = 'spend'
                AND occurred_at >= {since:DateTime64(3, 'UTC')} AND occurred_at < {until:DateTime64(3, 'UTC')}
                AND (startsWith(message_id, 'row-') OR startsWith(message_id, 'spend-'))
        )
        GROUP BY message_id
    )
    SELECT JSONExtractString(properties, 'date') AS day, source, medium, campaign, term, content,
        argMax((channel, currency, value), (greatest(received_at, again_at), message_id)) AS last
    FROM events LEFT JOIN again USING (message_id)
    WHERE property_id = {property_id:UInt64} AND kind = 'spend'
        AND occurred_at >= {since:DateTime64(3, 'UTC')} AND occurred_at < {until:DateTime64(3, 'UTC')}
        AND <seen>
    GROUP BY day, source, medium, campaign, term, content
"""
_COLUMNS = {"channel": "last.1", "source": "source", "medium": "medium", "campaign": "campaign"}


def spend_by(
    property_id: int, *, period: tuple[datetime, datetime], dimension: str, filters: tuple[tuple[str, str], ...] = ()
) -> list[SpendRow]:
    """Return what each key cost, most first, in each currency apart. Raises UnknownSpendDimension."""
    if unknown := {dimension, *(name for name, _ in filters)} - set(_COLUMNS):
        raise UnknownSpendDimension(unknown.pop())
    wanted = [f"{_COLUMNS[name]} = {{filter_{place}:String}}" for place, (name, _) in enumerate(filters)]
    sql = f"""
        SELECT toString({_COLUMNS[dimension]}) AS key, toString(last.2) AS spent_in, sum(last.3) AS cost
        FROM ({_LAST.replace("<seen>", _seen())})
        WHERE {" AND ".join(wanted) or "true"}
        GROUP BY key, spent_in
        ORDER BY cost DESC, key
    """
    values: dict[str, Any] = {f"filter_{place}": value for place, (_, value) in enumerate(filters)}
    return clickhouse.select(sql, _row, property_id=property_id, since=period[0], until=period[1], **values)


def _seen() -> str:
    """Return the condition of a reader who is limited: what their sources cost, in their countries."""
    limits, seen = behalf.current().limits, []
    if limits.sources:
        seen.append(f"source IN {clickhouse.SEEN_SOURCES}")
    if limits.countries:
        seen.append(f"country IN {clickhouse.SEEN_COUNTRIES}")
    return " AND ".join(seen) or "true"


def _row(key: str, currency: str, cost: Decimal | None) -> SpendRow:
    return SpendRow(key, currency, cost or Decimal(0))
