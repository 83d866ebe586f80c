"""Files become events: the same checks as at the door, the same log, the same writer."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from apps.ingestion.adapters.text_rows import NumberedRow
from apps.ingestion.domain import deliveries, pipeline
from apps.ingestion.domain.deliveries import Delivery, Item
from apps.ingestion.domain.events import Dropped, End, Event, Kind
from apps.ingestion.domain.figures import UnclearFigure, decimal_of, read_spend
from apps.ingestion.domain.filling import Filled, events_of
from apps.ingestion.domain.mapping import FileMapping, MissingColumn
from apps.ingestion.domain.origins import origin_of
from apps.ingestion.domain.ports import EventLog
from apps.ingestion.domain.reading import read_event
from apps.ingestion.domain.row_ids import content_of
from apps.ingestion.domain.shortened import ShortenedId, check_ids
from apps.ingestion.domain.spelling import AS_CLIENTS, NotInForm, Spelling
from apps.ingestion.services.accepting import Sender
from apps.ingestion.services.appending import append

_ITEMS_AT_ONCE = 500
_ROWS_AT_ONCE = 20_000  # also of those that become nothing: how far an import is must be noted
_BYTES_AT_ONCE = 500_000  # as of a request: a log takes no entry of any size
# A file may hold what no client may send: touchpoints that happened elsewhere.
_IMPORTABLE = frozenset(Kind)
_LONGEST_CONTENT = 500
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_CAMPAIGN = ("source", "medium", "name", "term", "content")
# Of one day and campaign the last figures hold, so the second row would take the first one's place in silence.
_TWICE = "The file states this day and campaign twice: name what tells the rows apart in term or content."


class Rejected(NamedTuple):
    """A row, or an event of a row, that was not taken: which, why, and what stood there."""

    row: int
    reason: str
    field: str
    detail: str
    line: int
    content: str


class Progress(NamedTuple):
    """How far an import is, after a part that is safe on the log. *skipped* counts what the mapping leaves out."""

    rows: int
    events: int
    offset: str
    rejected: list[Rejected]
    kinds: Mapping[str, int]
    skipped: Mapping[str, int]


def import_rows(
    rows: Iterable[NumberedRow],
    *,
    mapping: FileMapping,
    sender: Sender,
    log: EventLog,
    already: int = 0,
    spelling: Spelling = AS_CLIENTS,
    clock: Callable[[], int],
) -> Iterator[Progress]:
    """Put the events of *rows* on the log part by part, leaving out the first *already* rows. Raises LogUnavailable.

    An event without an id gets one from its content and from how many equal rows came before it, so that the same
    file a second time changes nothing, and equal rows of one file stay several.
    """
    reader = _Reader(mapping, sender, spelling)
    part = _Part()
    for one in rows:
        outcomes = reader.read(one.row) if one.row is not None else _refused("unreadable_row", one.problem)
        if one.number <= already:
            continue
        part.add(one, outcomes)
        if part.is_full():
            yield part.send(sender, clock(), log)
            part = _Part()
    if part.rows:
        yield part.send(sender, clock(), log)


def judge_rows(
    rows: Iterable[NumberedRow], *, mapping: FileMapping, sender: Sender, spelling: Spelling
) -> tuple[list[dict[str, Any]], list[Rejected]]:
    """Return the events that *rows* would become, as they would be sent, and what would not be taken."""
    reader, part = _Reader(mapping, sender, spelling), _Part()
    for one in rows:
        part.add(one, reader.read(one.row) if one.row is not None else _refused("unreadable_row", one.problem))
    return [msgspec.json.decode(item.payload) for item in part.items], part.rejected


def decimal_in(rows: Iterable[NumberedRow], mapping: FileMapping, spelling: Spelling) -> str:
    """Return the sign before decimals that the amounts of ad spend prove together, or nothing."""
    return decimal_of(_amounts(rows, mapping, spelling))


def _amounts(rows: Iterable[NumberedRow], mapping: FileMapping, spelling: Spelling) -> Iterator[str]:
    for one in rows:
        try:
            filled = list(events_of(one.row, mapping, spelling=spelling)) if one.row is not None else []
        except (MissingColumn, NotInForm):
            continue  # the report will say so
        for event in (one.event for one in filled):
            properties = event.get("properties")
            if (
                event.get("type") == "spend"
                and isinstance(properties, dict)
                and isinstance(properties.get("value"), str)
            ):
                yield properties["value"]


class _Skipped(NamedTuple):
    reason: str


Outcome = Item | Dropped | _Skipped


class _Part:
    """What goes to the log together."""

    def __init__(self) -> None:
        self.rows = self.size = self.read = 0
        self.items: list[Item] = []
        self.rejected: list[Rejected] = []
        self.kinds: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()

    def add(self, one: NumberedRow, outcomes: list[Outcome]) -> None:
        self.rows, self.read = one.number, self.read + 1
        for outcome in outcomes:
            if isinstance(outcome, Item):
                self.items.append(outcome)
                self.size += len(outcome.payload)
                self.kinds[outcome.kind] += 1
            elif isinstance(outcome, _Skipped):
                self.skipped[outcome.reason] += 1
            else:
                why = (outcome.reason, outcome.field, outcome.detail)
                self.rejected.append(Rejected(one.number, *why, one.line, _content(one)))

    def is_full(self) -> bool:
        """Tell whether it is time to send it."""
        is_long = max(len(self.items), len(self.rejected)) >= _ITEMS_AT_ONCE or self.read >= _ROWS_AT_ONCE
        return self.size >= _BYTES_AT_ONCE or is_long

    def send(self, sender: Sender, received_at: int, log: EventLog) -> Progress:
        about = sender.surroundings
        delivery = Delivery(
            deliveries.VERSION,
            about.property_id,
            about.stream_id,
            about.stream_kind,
            received_at,
            "",
            self.items,
            [],
        )
        offset = append(delivery, log) if self.items else ""
        return Progress(self.rows, len(self.items), offset, self.rejected, self.kinds, self.skipped)


class _Reader:
    """Reads rows one after the other, and remembers what must come once."""

    def __init__(self, mapping: FileMapping, sender: Sender, spelling: Spelling) -> None:
        self._mapping, self._sender, self._spelling = mapping, sender, spelling
        self._equal: Counter[bytes] = Counter()
        self._once: set[bytes] = set()

    def read(self, row: Mapping[str, Any]) -> list[Outcome]:
        try:
            filled = list(events_of(row, self._mapping, spelling=self._spelling))
        except MissingColumn as error:
            column = str(error.args[0])
            return _refused("missing_column", f"The row has no column {column!r}.", column)
        except NotInForm as error:
            return _refused("bad_time", str(error), "timestamp")
        if not filled:
            return _refused("no_template", "The mapping has no template for such a row.")
        outcomes: list[Outcome] = []
        for one in filled:
            try:
                self._read_figures(one.event)
            except UnclearFigure as error:
                outcomes += _refused("unclear_figure", str(error), error.field)
                continue
            if one.skipped:
                outcomes.append(_Skipped(one.skipped))
            elif one.event.get("type") == "spend" and self._came_before(_spent_on(one.event)):
                outcomes += _refused("repeated_spend", _TWICE, "context.campaign")
            elif not (one.is_once and self._came_before(one.event.get("messageId"))):
                outcomes.append(self._judge(one))
        return outcomes

    def _read_figures(self, event: dict[str, Any]) -> None:
        if event.get("type") == "spend":
            decimal = "," if self._spelling.has_decimal_comma else self._spelling.decimal
            read_spend(event, decimal=decimal, currency=self._sender.surroundings.currency)

    def _came_before(self, name: object) -> bool:
        """Say whether *name* was read already: an export repeats a click beside each thing that it led to."""
        digest = hashlib.blake2b(repr(name).encode(), digest_size=12).digest()
        is_known = digest in self._once
        self._once.add(digest)
        return is_known

    def _judge(self, filled: Filled) -> Outcome:
        event = filled.whole()
        try:
            raw = msgspec.json.encode(event)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            return Dropped(End.REFUSED, "unreadable_row", f"No JSON can hold it: {error}")
        if 0 < self._sender.largest < len(raw):
            detail = f"An event has at most {self._sender.largest} bytes, this one {len(raw)}."
            return Dropped(End.REFUSED, "too_large", detail)
        try:
            check_ids(event)
        except ShortenedId as error:
            return Dropped(End.REFUSED, "shortened_id", str(error), error.field)
        fallback_id = "" if event.get("messageId") else self._content_id(filled.event, filled.number)
        _, outcome = read_event(
            raw,
            kind=str(event.get("type", "")),
            batch_sent_at=None,
            received_at=self._sender.received_at,
            new_id=lambda: fallback_id,
            kinds=_IMPORTABLE,
        )
        if isinstance(outcome, Event):
            outcome = pipeline.run(outcome, self._sender.surroundings, pipeline.DOOR)
        return outcome if isinstance(outcome, Dropped) else deliveries.item(outcome)

    def _content_id(self, event: dict[str, Any], number: int) -> str:
        raw = msgspec.json.encode(content_of(event, self._mapping))
        digest = hashlib.blake2b(raw, digest_size=12, salt=number.to_bytes(4, "big")).digest()
        self._equal[digest] += 1
        return f"row-{digest.hex()}-{self._equal[digest]}"


def _spent_on(event: dict[str, Any]) -> tuple[object, ...]:
    """Return the day and the campaign as they are stored: names may differ by a blank that is none there."""
    context = event.get("context")
    campaign = context.get("campaign") if isinstance(context, dict) else None
    campaign = campaign if isinstance(campaign, dict) else {}
    stated = tuple((name, str(campaign[name])) for name in _CAMPAIGN if campaign.get(name))
    properties = event.get("properties")
    day = properties.get("date") if isinstance(properties, dict) else None
    return ("spend", day, *origin_of("", "", frozenset(), frozenset(), stated).words)


def _content(one: NumberedRow) -> str:
    """Return what stood in a row, as a cell that no spreadsheet runs as a formula."""
    cells = one.row.values() if one.row is not None else ()
    text = (one.content or ",".join("" if cell is None else str(cell) for cell in cells))[:_LONGEST_CONTENT].rstrip(
        "\r\n"
    )
    text = text.encode(errors="replace").decode()
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _refused(reason: str, detail: str, field: str = "") -> list[Outcome]:
    return [Dropped(End.REFUSED, reason, detail, field)]
