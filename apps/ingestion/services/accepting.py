"""The door: events in, one delivery on the log, an end for each event."""

from collections.abc import Callable, Sequence

import msgspec
import structlog
from msgspec import Struct

from apps.ingestion.domain import consents, deliveries, pipeline, plain
from apps.ingestion.domain.deliveries import Delivery
from apps.ingestion.domain.events import SENDABLE_KINDS, Dropped, End, Event, Surroundings
from apps.ingestion.domain.ports import EventLog, LogUnavailable
from apps.ingestion.domain.reading import message_id_of, read_event
from apps.ingestion.services.appending import append

ACCEPTED = "accepted"
_MOST_TRIED = (
    5  # events that are not plain; who sends more of them at once nearly always sends such, and each try costs
)
logger = structlog.get_logger(__name__)


class Sender(Struct, frozen=True):
    """Who sends: the stream, and what the request tells about the machine. The address itself is not among it.

    *region* is that of the stream's property: whose log the events go to. *largest* bounds what is no request, 0 not at
    all: bytes of an event of a file.
    """

    surroundings: Surroundings
    received_at: int
    request_id: str = ""  # under which the end of what has no readable message id is found
    region: str = ""
    largest: int = 0


class Broken(Struct, frozen=True, gc=False):
    """An event that could not be brought into the shape of an event."""

    message_id: str
    dropped: Dropped
    raw: bytes


class Answer(Struct, omit_defaults=True, gc=False):
    """What became of one event, for the one who sent it."""

    message_id: str = msgspec.field(name="messageId")
    status: str
    index: int
    reason: str | None = None
    field: str | None = None
    detail: str | None = None


def accept(
    events: Sequence[bytes | Broken],
    *,
    kind: str,
    sender: Sender,
    batch_sent_at: str | float | None,
    largest: int,
    new_id: Callable[[], str],
    log: EventLog,
    kinds: frozenset[str] = SENDABLE_KINDS,
) -> list[Answer]:
    """Put *events* on the log and return what became of each.

    Raises LogUnavailable, or an error of the memory of consent; then nothing was accepted.
    """
    answers: list[Answer] = []
    items: list[deliveries.Item] = []
    refusals: list[deliveries.Refusal] = []
    memory = sender.surroundings.memory
    if memory is not None and not memory.is_idle:
        memory.prepare([raw for raw in events if isinstance(raw, bytes)])
    plain_item = plain.reader(
        sender.surroundings,
        kind=kind,
        kinds=kinds,
        received_at=sender.received_at,
        batch_sent_at=batch_sent_at,
        largest=largest,
    )
    others = 0
    for index, given in enumerate(events):
        if others < _MOST_TRIED and plain_item is not None and type(given) is bytes:
            item = plain_item(given)
            if item is not None:
                items.append(item)
                answers.append(Answer(item.message_id, ACCEPTED, index))
                continue
            others += 1
        raw = given.raw if isinstance(given, Broken) else given
        message_id, event, dropped = _judge(given, kind, sender, batch_sent_at, largest, new_id, kinds)
        if dropped is None and event is not None:
            items.append(deliveries.item(event))
            answers.append(Answer(message_id, ACCEPTED, index))
        elif dropped is not None:
            refusals.append(_refusal(message_id or sender.request_id, event, dropped, raw, sender))
            answers.append(_answer(message_id, dropped, index))
    if memory is not None:
        memory.keep()
    try:
        append(_delivery(sender, items, refusals), log)
    except LogUnavailable:
        if items:
            raise
        # Sending it again would not make it right, so the refusal stands; only "find my event" will not know it.
        logger.warning("accept.refusals_not_logged", refusals=len(refusals))
    return answers


def refuse(dropped: Dropped, *, body: bytes, sender: Sender, log: EventLog) -> None:
    """Put the end of a whole request on the log, so that its sender can find it. Raises LogUnavailable.

    It is found by the id that its answer carries in `X-Request-ID`.
    """
    # Whose events these are was never looked at: where anybody has refused, nothing of them is kept.
    ended = deliveries.refusal(sender.request_id, dropped, body, needs_consent=_needs_consent(sender, b""))
    append(_delivery(sender, [], [ended]), log)


def _needs_consent(sender: Sender, raw: bytes) -> bool:
    about = sender.surroundings
    if about.memory is not None and consents.may_have_refused(about.memory, raw):
        return True
    return about.sends_signal or about.consent.asks(about.country)


def _judge(
    raw: bytes | Broken,
    kind: str,
    sender: Sender,
    batch_sent_at: str | float | None,
    largest: int,
    new_id: Callable[[], str],
    kinds: frozenset[str],
) -> tuple[str, Event | None, Dropped | None]:
    """Return the id, the event as far as it could be read, and its end where the door ends it."""
    if isinstance(raw, Broken):
        return raw.message_id, None, raw.dropped
    if len(raw) > largest:
        detail = f"An event has at most {largest} bytes, this one {len(raw)}."
        return message_id_of(raw), None, Dropped(End.REFUSED, "too_large", detail)
    message_id, read = read_event(
        raw, kind=kind, batch_sent_at=batch_sent_at, received_at=sender.received_at, new_id=new_id, kinds=kinds
    )
    if isinstance(read, Dropped):
        about = sender.surroundings
        if about.memory is not None and b"onsent" in raw:
            consents.hear(about.memory, raw, at=sender.received_at, months=about.consent.tcf_months)
        return message_id, None, read
    outcome = pipeline.run(read, sender.surroundings, pipeline.DOOR)
    return message_id, read, outcome if isinstance(outcome, Dropped) else None


def _refusal(message_id: str, event: Event | None, dropped: Dropped, raw: bytes, sender: Sender) -> deliveries.Refusal:
    if event is not None and dropped.end is End.QUARANTINED:
        return deliveries.quarantined(pipeline.put_country(event, sender.surroundings), dropped)
    return deliveries.refusal(message_id, dropped, raw, needs_consent=_needs_consent(sender, raw))


def _answer(message_id: str, dropped: Dropped, index: int) -> Answer:
    return Answer(message_id, dropped.end, index, dropped.reason, dropped.field or None, dropped.detail or None)


def _delivery(sender: Sender, items: list[deliveries.Item], refusals: list[deliveries.Refusal]) -> Delivery:
    about = sender.surroundings
    # The agent says something of the person: it goes with what they let us keep, not with their refusal (R8).
    user_agent = about.user_agent if items or any(refusal.kind for refusal in refusals) else ""
    return Delivery(
        deliveries.VERSION,
        about.property_id,
        about.stream_id,
        about.stream_kind,
        sender.received_at,
        user_agent,
        items,
        refusals,
    )
