"""Files become events: the same checks as at the door, the same log, the same writer."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from apps.ingestion.adapters.row_files import NumberedRow
from apps.ingestion.domain import deliveries, pipeline
from apps.ingestion.domain.deliveries import Delivery, Item
from apps.ingestion.domain.events import Dropped, End, Event, Kind
from apps.ingestion.domain.mapping import MissingColumn, Template, events_of
from apps.ingestion.domain.ports import EventLog
from apps.ingestion.domain.reading import read_event
from apps.ingestion.services.accepting import Sender
from apps.ingestion.services.appending import append

_ITEMS_AT_ONCE = 500
# A file may hold what no client may send: touchpoints that happened elsewhere.
_IMPORTABLE = frozenset(Kind)


class Rejected(NamedTuple):
    """A row, or an event of a row, that was not taken."""

    row: int
    reason: str
    field: str
    detail: str


class Progress(NamedTuple):
    """How far an import is, after a part that is safe on the log."""

    rows: int
    events: int
    offset: str
    rejected: list[Rejected]


def import_rows(
    rows: Iterable[NumberedRow],
    *,
    templates: list[Template],
    sender: Sender,
    log: EventLog,
    already: int = 0,
    clock: Callable[[], int],
) -> Iterator[Progress]:
    """Put the events of *rows* on the log part by part, leaving out the first *already* rows. Raises LogUnavailable.

    An event without an id gets one from its content and from how many equal rows came before it, so that the same
    file a second time changes nothing, and equal rows of one file stay several.
    """
    seen: Counter[bytes] = Counter()
    part = _Part()
    for number, row, problem in rows:
        outcomes = _events_of(row, templates, sender, seen) if row is not None else _bad_row(problem)
        if number <= already:
            continue
        part.add(number, outcomes)
        if len(part.items) >= _ITEMS_AT_ONCE:
            yield part.send(sender, clock(), log)
            part = _Part()
    if part.rows:
        yield part.send(sender, clock(), log)


class _Part:
    """What goes to the log together."""

    def __init__(self) -> None:
        self.rows = 0
        self.items: list[Item] = []
        self.rejected: list[Rejected] = []

    def add(self, number: int, outcomes: "list[Item | Dropped]") -> None:
        self.rows = number
        for outcome in outcomes:
            if isinstance(outcome, Item):
                self.items.append(outcome)
            else:
                self.rejected.append(Rejected(number, outcome.reason, outcome.field, outcome.detail))

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
        return Progress(self.rows, len(self.items), offset, self.rejected)


def _events_of(
    row: Mapping[str, Any], templates: list[Template], sender: Sender, seen: Counter[bytes]
) -> "list[Item | Dropped]":
    try:
        events = list(events_of(row, templates))
    except MissingColumn as error:
        return [Dropped(End.REFUSED, "missing_column", f"The row has no column {error.args[0]!r}.", str(error.args[0]))]
    outcomes: list[Item | Dropped] = []
    for number, event in events:
        raw = msgspec.json.encode(event)
        outcomes.append(_judge(raw, str(event.get("type", "")), _content_id(raw, number, seen), sender))
    return outcomes


def _judge(raw: bytes, kind: str, fallback_id: str, sender: Sender) -> Item | Dropped:
    _, outcome = read_event(
        raw,
        kind=kind,
        batch_sent_at=None,
        received_at=sender.received_at,
        new_id=lambda: fallback_id,
        kinds=_IMPORTABLE,
    )
    if isinstance(outcome, Event):
        outcome = pipeline.run(outcome, sender.surroundings, pipeline.DOOR)
    return outcome if isinstance(outcome, Dropped) else deliveries.item(outcome)


def _content_id(raw: bytes, number: int, seen: Counter[bytes]) -> str:
    digest = hashlib.blake2b(raw, digest_size=12, salt=number.to_bytes(4, "big")).digest()
    seen[digest] += 1
    return f"row-{digest.hex()}-{seen[digest]}"


def _bad_row(problem: str) -> "list[Item | Dropped]":
    return [Dropped(End.REFUSED, "unreadable_row", problem)]
