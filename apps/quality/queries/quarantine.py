"""What was kept back: found by its facts, with the state that it is in now.

An event in quarantine is a row of `outcomes`, and so is everything that became of it since: what it is now follows from
the latest of them. Nothing is ever taken out.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from apps.ingestion.api import Kept
from apps.shared import clickhouse

LATER = ("under_way", "replayed")
STATES = ("waiting", "failed_again", "under_way", "replayed", "discarded")
ON_A_PAGE, AT_ONCE, _IDS_AT_ONCE = 50, 500, 50_000
_KEPT = "outcome = 'quarantined'"
_LEFT = "outcome IN ('replayed', 'discarded', 'restored')"
# What became of an item; needs `is_stored`. One whose discard was taken back is again what it was before.
STATE = """multiIf(left_at > kept_at AND left_as = 'discarded', 'discarded',
    left_at > kept_at AND left_as = 'replayed' AND is_stored, 'replayed',
    left_at > kept_at AND left_as = 'replayed', 'under_way', replays = 0, 'waiting', 'failed_again')"""
WAITS = "state IN ('waiting', 'failed_again')"
# What a person has discarded. What was left out because its person has refused since stays out (R8).
RESTORABLE = "state = 'discarded' AND left_why = 'discarded'"
_COLUMNS = (
    "stream_id", "kind", "name", "reason", "detail", "field", "expectations", "received_at", "occurred_at",
    "country", "link_id", "user_agent",
)  # fmt: skip


class Selection(NamedTuple):
    """Which events of the quarantine: received within, and whatever else is given."""

    since: datetime
    until: datetime
    state: str = ""
    reason: str = ""
    expectation_id: int = 0
    stream_id: int = 0
    event: str = ""
    message_id: str = ""
    text: str = ""
    message_ids: tuple[str, ...] = ()
    release_id: int = 0

    def stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        values = {**self._asdict(), "since": self.since.isoformat(), "until": self.until.isoformat()}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value}


class Item(NamedTuple):
    """One event that is or was in quarantine."""

    message_id: str
    stream_id: int
    kind: str
    name: str
    reason: str
    detail: str
    field: str
    expectations: tuple[int, ...]
    received_at: datetime
    kept_at: datetime
    left_at: datetime | None
    times: int
    state: str
    release_id: int
    payload: str = ""

    @property
    def can_be_replayed(self) -> bool:
        """Tell whether all is kept that it takes: what could not be read at all has no kind."""
        return bool(self.kind)


def selection_of(stored: dict[str, Any]) -> Selection:
    """Return a selection from its JSON."""
    times = {name: datetime.fromisoformat(stored[name]) for name in ("since", "until")}
    return Selection(**{**stored, **times, "message_ids": tuple(stored.get("message_ids", ()))})


def items_sql(selection: Selection, *, extra: str = "") -> str:
    """Return the query for one row an event, with its latest facts; *extra* are more columns."""
    latest = ", ".join(f"argMaxIf({name}, decided_at, {_KEPT}) AS its_{name}" for name in _COLUMNS)
    conditions = [f"({sql})" for name, sql in _CONDITIONS.items() if getattr(selection, name)]
    having = " AND ".join(["times > 0", *conditions])
    ids = "AND message_id IN {message_ids:Array(String)}" if selection.message_ids else ""
    one = "AND message_id = {message_id:String}" if selection.message_id else ""
    return f"""
        SELECT message_id, {latest}, maxIf(decided_at, {_KEPT}) AS kept_at, maxIf(decided_at, {_LEFT}) AS left_at,
            argMaxIf(outcome, decided_at, {_LEFT}) AS left_as, argMaxIf(reason, decided_at, {_LEFT}) AS left_why,
            argMaxIf(release_id, decided_at, {_LEFT}) AS its_release,
            countIf({_KEPT}) AS times, countIf(outcome = 'replayed') AS replays {extra}
        FROM outcomes
        WHERE property_id = {{property_id:UInt64}} AND outcome IN ('quarantined', 'replayed', 'discarded', 'restored')
            AND message_id != '' AND received_at >= {{since:DateTime64(3, 'UTC')}}
            AND received_at < {{until:DateTime64(3, 'UTC')}} {ids} {one}
        GROUP BY message_id HAVING {having}
    """


_CONDITIONS = {
    "reason": "its_reason = {reason:String}",
    "expectation_id": "has(its_expectations, {expectation_id:UInt64})",
    "stream_id": "its_stream_id = {stream_id:UInt64}",
    "release_id": "its_release = {release_id:UInt64}",
    "event": "positionCaseInsensitiveUTF8(if(its_kind = 'track', its_name, its_kind), {event:String}) > 0",
    "text": f"countIf({_KEPT} AND positionCaseInsensitiveUTF8(payload, {{text:String}}) > 0) > 0",
}


def found(property_id: int, selection: Selection, *, page: int = 1) -> list[Item]:
    """Return a page of what was kept back, newest first."""
    sql = f"""
        SELECT {_ITEM} FROM ({_with_state(selection)}) WHERE {{state:String}} IN ('', state)
        ORDER BY kept_at DESC, message_id LIMIT {ON_A_PAGE} OFFSET {(max(page, 1) - 1) * ON_A_PAGE}
    """
    return clickhouse.select(sql, _item, property_id=property_id, **_given(selection))


def states(property_id: int, selection: Selection) -> dict[str, int]:
    """Return how many events of a selection are in each state, whatever state it names."""
    sql = f"SELECT state, count() FROM ({_with_state(selection)}) GROUP BY state"
    return dict(clickhouse.select(sql, lambda *row: row, property_id=property_id, **_given(selection)))


def reasons(property_id: int, *, since: datetime, until: datetime) -> list[str]:
    """Return the reasons for which events were kept back."""
    sql = """
        SELECT DISTINCT reason FROM outcomes WHERE property_id = {property_id:UInt64} AND outcome = 'quarantined'
            AND received_at >= {since:DateTime64(3, 'UTC')} AND received_at < {until:DateTime64(3, 'UTC')}
        ORDER BY reason LIMIT 100
    """
    return clickhouse.select(sql, str, property_id=property_id, since=since, until=until)


def item(property_id: int, *, message_id: str, since: datetime, until: datetime) -> Item | None:
    """Return one event with its payload as it was kept last, or None."""
    selection = Selection(since, until, message_id=message_id)
    sql = f"SELECT {_ITEM}, its_payload FROM ({_with_state(selection, _PAYLOAD)})"
    rows = clickhouse.select(sql, _item, property_id=property_id, **_given(selection))
    return rows[0] if rows else None


def waiting(property_id: int, selection: Selection, *, state: str = WAITS, limit: int = AT_ONCE) -> list[Kept]:
    """Return events of a selection that wait, by id, with all it takes to read them again."""
    sql = f"""
        SELECT message_id, its_stream_id, its_kind, its_name, toUnixTimestamp64Milli(its_occurred_at),
            toUnixTimestamp64Milli(its_received_at), its_country, its_link_id, its_user_agent,
            toUnixTimestamp64Milli(greatest(kept_at, left_at)), its_payload
        FROM ({_with_state(selection, _PAYLOAD)})
        WHERE {state} AND {{state:String}} IN ('', state) ORDER BY message_id LIMIT {int(limit)}
    """
    return clickhouse.select(sql, _kept, property_id=property_id, limits=clickhouse.JOB, **_given(selection))


def count(property_id: int, selection: Selection, *, state: str = WAITS) -> int:
    """Return how many events of a selection are in a state."""
    sql = f"SELECT count() FROM ({_with_state(selection)}) WHERE {state} AND {{state:String}} IN ('', state)"
    (found,) = clickhouse.select(sql, int, property_id=property_id, **_given(selection))
    return found


def in_parts(property_id: int, selection: Selection, *, state: str = WAITS) -> Iterator[Selection]:
    """Yield the events of a selection that are in a state now, part by part, by their ids.

    Ids alone are read ahead: what becomes of an event meanwhile is seen when its part is read.
    """
    sql = f"""
        SELECT message_id FROM ({_with_state(selection)})
        WHERE {state} AND {{state:String}} IN ('', state) AND message_id > {{after:String}}
        ORDER BY message_id LIMIT {_IDS_AT_ONCE}
    """
    given = {**_given(selection), "after": ""}
    while ids := clickhouse.select(sql, str, property_id=property_id, limits=clickhouse.JOB, **given):
        for one in range(0, len(ids), AT_ONCE):
            yield selection._replace(message_ids=tuple(ids[one : one + AT_ONCE]))
        given["after"] = ids[-1]


_PAYLOAD = f", argMaxIf(payload, decided_at, {_KEPT}) AS its_payload"
_ITEM = """message_id, its_stream_id, its_kind, its_name, its_reason, its_detail, its_field, its_expectations,
    its_received_at, kept_at, left_at, times, state, its_release"""


def _with_state(selection: Selection, extra: str = "") -> str:
    stored = """SELECT message_id FROM events WHERE property_id = {property_id:UInt64}
        AND message_id IN (SELECT message_id FROM outcomes WHERE property_id = {property_id:UInt64}
            AND outcome = 'replayed' AND received_at >= {since:DateTime64(3, 'UTC')}
            AND received_at < {until:DateTime64(3, 'UTC')})"""
    items = items_sql(selection, extra=extra)
    return f"SELECT *, message_id IN ({stored}) AS is_stored, {STATE} AS state FROM ({items})"


def _given(selection: Selection) -> dict[str, Any]:
    return selection._asdict()


def _item(*row: Any) -> Item:
    values: list[Any] = [
        one.replace(tzinfo=UTC) if isinstance(one, datetime) and one.tzinfo is None else one for one in row
    ]
    values[7] = tuple(values[7])
    values[10] = values[10] if values[10].year > 1970 else None
    return Item._make([*values, ""][: len(Item._fields)])


def _kept(*row: Any) -> Kept:
    return Kept._make([*row[:-1], row[-1].encode()])
