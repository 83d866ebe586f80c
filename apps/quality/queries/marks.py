"""How far the checks of each share of the log are counted (ADR 0120)."""

from collections.abc import Collection, Mapping

from apps.ingestion.domain.marks import Mark
from apps.quality.domain.tallies import share_id
from apps.shared import clickhouse

_MARKS = """
SELECT stream_id, argMax(log_offset, logged_at), max(logged_at) FROM quality_checks
WHERE property_id = 0 AND expectation_id = 0 AND stream_id IN {shares:Array(UInt64)}
GROUP BY stream_id
"""


def marks_of(shares: Collection[str], *, region: str) -> Mapping[str, Mark]:
    """Return the mark of each of *shares* that has one. Raises what `clickhouse.select_for_platform` raises."""
    names = {share_id(share): share for share in shares}
    rows = clickhouse.select_for_platform(_MARKS, lambda *row: row, region=region, shares=list(names))
    return {names[one]: Mark(number, logged_at) for one, number, logged_at in rows}
