"""What a property's own words about sources would change, counted over the events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.attribution.goal_sql import Parameters
from apps.attribution.queries.asking import Rows
from apps.shared import clickhouse

_MOST = 50
_EXCLUDED = """
    SELECT source, count() AS touches FROM events
    WHERE property_id = {property_id:UInt64} AND occurred_at >= {since:DateTime64(3, 'UTC')} AND has_source
        AND kind IN ('page', 'screen', 'track') AND medium = 'referral' AND campaign = ''
        AND arrayExists(host -> source = host OR endsWith(source, concat('.', host)), {hosts:Array(String)})
    GROUP BY source ORDER BY touches DESC, source LIMIT {most:UInt32}
"""
# A tag in the address says more than the click id beside it, word by word.
_RENAMED = """
    SELECT own.1 AS name, source, medium,
        if(extractURLParameter(page_url, 'utm_source') = '', own.2, toString(source)) AS new_source,
        if(extractURLParameter(page_url, 'utm_medium') = '', own.3, toString(medium)) AS new_medium, count() AS touches
    FROM events
    ARRAY JOIN arrayFilter(own -> own.4 != '', [<own>]) AS own
    WHERE property_id = {property_id:UInt64} AND occurred_at >= {since:DateTime64(3, 'UTC')}
        AND kind IN ('page', 'screen', 'track') AND page_url != ''
    GROUP BY name, source, medium, new_source, new_medium
    HAVING (source, medium) != (new_source, new_medium)
    ORDER BY touches DESC, name, source, medium LIMIT {most:UInt32}
"""


@dataclass(frozen=True, slots=True)
class ChangedSource:
    """Events of a source that would have another one: source and medium before and after, `click_id` if one says so."""

    before: tuple[str, str]
    after: tuple[str, str]
    touches: int
    click_id: str = ""


def excluded_sources(property_id: int, hosts: Sequence[str], *, since: datetime) -> list[ChangedSource]:
    """Return which sources become direct when *hosts* are none, most first."""
    if not hosts:
        return []
    rows = _rows(_EXCLUDED, property_id, since=since, hosts=list(hosts))
    return [ChangedSource((source, "referral"), ("(direct)", "(none)"), touches) for source, touches in rows]


def renamed_sources(
    property_id: int, click_ids: Sequence[tuple[str, str, str]], *, since: datetime
) -> list[ChangedSource]:
    """Return which sources a property's own click ids name otherwise, most first."""
    if not click_ids:
        return []
    bound = Parameters("c")
    own = [tuple(bound.bind(word) for word in words) for words in click_ids]
    told = ", ".join(f"({', '.join(words)}, extractURLParameter(page_url, {words[0]}))" for words in own)
    rows = _rows(_RENAMED.replace("<own>", told), property_id, since=since, **bound.values)
    return [
        ChangedSource((source, medium), (new_source, new_medium), touches, name)
        for name, source, medium, new_source, new_medium, touches in rows
    ]


def _rows(sql: str, property_id: int, **bound: Any) -> Rows:
    return clickhouse.select(sql, lambda *row: row, property_id=property_id, most=_MOST, **bound)
