"""What is wanted, as SQL over the two tables of ends. Values are bound and never part of the text (R5)."""

from datetime import datetime
from typing import Any

from apps.ingestion.domain.found import STORED, Wanted

_SCOPE = "property_id = {property_id:UInt64}"
_INSTANT = "DateTime64(3, 'UTC')"
_EVENT = """'stored' AS state, '' AS reason, message_id, toString(kind) AS kind, toString(name) AS name, received_at,
    stored_at AS decided_at, stream_id, anonymous_id, user_id, page_path, toString(channel) AS channel,
    toString(source) AS source, value, toString(currency) AS currency, toString(country) AS country,
    toString(device) AS device, '' AS detail, '' AS field"""


def _said(*path: str) -> str:
    """Return what the payload says at *path*, as text: ids may be numbers."""
    keys = ", ".join(f"'{name}'" for name in path)
    return f"trim(BOTH '\"' FROM JSONExtractRaw(payload, {keys}))"


_SAID_NAME = f"if({_said('event')} != '', {_said('event')}, {_said('name')})"
_SAID_KIND = f"if({_said('type')} != '', {_said('type')}, if({_said('event')} != '', 'track', ''))"
_END = f"""toString(outcome) AS state, toString(reason) AS reason, message_id, {_SAID_KIND} AS kind,
    {_SAID_NAME} AS name, received_at, decided_at, stream_id, {_said("anonymousId")} AS anonymous_id,
    {_said("userId")} AS user_id, '' AS page_path, '' AS channel, '' AS source,
    CAST(NULL, 'Nullable(Decimal(18, 4))') AS value, '' AS currency, '' AS country, '' AS device, detail, field"""


class Conditions:
    """Collects conditions on events and on other ends, and the values that they bind."""

    def __init__(self, wanted: Wanted, *, is_brief: bool = False) -> None:
        """Take what is *wanted*; *is_brief* when a short span of storing bounds it, which is index enough."""
        self.values: dict[str, Any] = {}
        self.of_events, self.of_ends = [_SCOPE], [_SCOPE]
        self.has_events = wanted.state in ("", STORED)
        # Neither stated nor kept is whose an event of a key or with an order was that has another end.
        self.has_ends = wanted.state != STORED and not (wanted.order_id or wanted.device_key)
        self._plain(wanted)
        self._of_somebody(wanted, is_brief=is_brief)
        if wanted.text:
            self._text(wanted.text)

    def bind(self, value: object, kind: str = "String") -> str:
        """Return the place of a value."""
        name = f"w{len(self.values)}"
        self.values[name] = value
        return f"{{{name}:{kind}}}"

    def received(self, *, since: datetime, to: tuple[datetime, str] | None) -> None:
        """Bound the receipt from below, and by a moment with an id that nothing may come before, newest first."""
        at = self.bind(since, _INSTANT)
        self.of_events.append(f"stored_at >= {at} AND received_at >= {at}")
        self.of_ends.append(f"received_at >= {at}")
        if to:
            place = f"({self.bind(to[0], _INSTANT)}, {self.bind(to[1])})"
            self._both(f"(received_at, message_id) <= {place}")

    def decided(self, *, after: datetime, to: datetime) -> None:
        """Bound the moment when the end was found."""
        low, high = self.bind(after, _INSTANT), self.bind(to, _INSTANT)
        self.of_events.append(f"stored_at > {low} AND stored_at <= {high}")
        # An event ends soon after it came, and the table is sorted by the day on which it came.
        self.of_ends.append(f"decided_at > {low} AND decided_at <= {high} AND received_at > {low} - INTERVAL 7 DAY")

    def _both(self, condition: str) -> None:
        self.of_events.append(condition)
        self.of_ends.append(condition)

    def _plain(self, wanted: Wanted) -> None:
        if wanted.state not in ("", STORED):
            self.of_ends.append(f"outcome = {self.bind(wanted.state)}")
        if wanted.kind:
            self._both(f"kind = {self.bind(wanted.kind)}")
        if wanted.name:
            self._both(f"positionCaseInsensitiveUTF8(name, {self.bind(wanted.name)}) > 0")
        if wanted.stream_id:
            self._both(f"stream_id = {self.bind(wanted.stream_id, 'UInt64')}")
        if wanted.until:
            self._both(f"received_at < {self.bind(wanted.until, _INSTANT)}")
        if wanted.message_id:
            self._both(f"message_id = {self.bind(wanted.message_id)}")
        if wanted.order_id:
            self.of_events.append(f"order_id = {self.bind(wanted.order_id)}")

    def _of_somebody(self, wanted: Wanted, *, is_brief: bool) -> None:
        if wanted.person_keys and is_brief:
            self.of_events.append(f"person_key IN {self.bind(wanted.person_keys, 'Array(UInt64)')}")
        elif wanted.person_keys:
            keys = self.bind(wanted.person_keys, "Array(UInt64)")
            # The projection by person finds the few rows; their ids and days find the rest of the columns.
            whose = f"SELECT message_id FROM events WHERE {_SCOPE} AND person_key IN {keys}"
            days = f"SELECT DISTINCT toDate(occurred_at) FROM events WHERE {_SCOPE} AND person_key IN {keys}"
            self.of_events.append(f"toDate(occurred_at) IN ({days}) AND message_id IN ({whose})")
        if wanted.device_key:
            self.of_events.append(f"device_key = {self.bind(wanted.device_key, 'UInt64')}")
        if wanted.device_id:
            one = self.bind(wanted.device_id)
            names = ("id", "advertisingId", "idfa", "gaid")
            said = " OR ".join(f"JSONExtractString(context, 'device', '{name}') = {one}" for name in names)
            self.of_events.append(f"({said})")
            self.of_ends.append(f"position(payload, {one}) > 0")
        if wanted.ids:
            ids = self.bind(wanted.ids, "Array(String)")
            self.of_ends.append(f"(anonymous_id IN {ids} OR user_id IN {ids})")
            if not wanted.person_keys:
                self.of_events.append(f"(anonymous_id IN {ids} OR user_id IN {ids})")

    def _text(self, text: str) -> None:
        one = self.bind(text)
        stored = ("message_id", "name", "anonymous_id", "user_id", "page_url", "order_id", "properties", "context")
        ended = ("message_id", "reason", "detail", "field", "payload")
        for conditions, columns in ((self.of_events, stored), (self.of_ends, ended)):
            conditions.append(f"({' OR '.join(f'positionCaseInsensitiveUTF8({name}, {one}) > 0' for name in columns)})")


def union(asked: Conditions) -> str:
    """Return the rows of both tables that meet the conditions, under the same names."""
    parts = []
    if asked.has_events:
        parts.append(f"SELECT {_EVENT} FROM events WHERE {' AND '.join(asked.of_events)}")
    if asked.has_ends:
        parts.append(f"SELECT {_END} FROM outcomes WHERE {' AND '.join(asked.of_ends)}")
    return " UNION ALL ".join(parts) or f"SELECT {_EVENT} FROM events WHERE {_SCOPE} AND false"
