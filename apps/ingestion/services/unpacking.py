"""Entries of the log become events with all their facts. What cannot become one has its end here."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import count
from typing import NamedTuple, cast

import msgspec
import structlog

from apps.ingestion.domain import deliveries
from apps.ingestion.domain.contexts import Contexts, Reader
from apps.ingestion.domain.deliveries import Delivery
from apps.ingestion.domain.events import Dropped, End, Event, Surroundings
from apps.ingestion.domain.outcomes import OutcomeRow, of_event, of_foreign, of_quarantined, of_refusal, of_unreadable
from apps.ingestion.domain.payload import NO_PROPERTIES
from apps.ingestion.domain.ports import Entry
from apps.ingestion.domain.positions import Position
from apps.ingestion.services.ended import decoded
from apps.ingestion.services.inspecting import Inspecting, Owner

log = structlog.get_logger(__name__)


class PropertyGone(LookupError):
    """The property of a delivery does not exist any more."""


class ForeignProperty(LookupError):
    """The property of a delivery belongs to another region: nothing of it may be stored in this one.

    No door puts it on this log, so settings are wrong. The writer stands still, and everything stays on the log.
    """


class Unpacked(NamedTuple):
    """The events of a block, what each is looked at with where its property expects something, and the ends so far."""

    events: list[Event]
    owners: list[Owner | None]
    outcomes: list[OutcomeRow]


class Unpacker:
    """Keeps what contexts mean from one block to the next, for most are the same."""

    def __init__(self, rules_of: Callable[[Delivery], Surroundings], *, drops_foreign: bool) -> None:
        self._rules_of, self._drops_foreign = rules_of, drops_foreign
        self._contexts = Contexts()

    def unpack(self, entries: Iterable[Entry], stored_at: int, inspecting: Inspecting) -> Unpacked:
        """Return the events of *entries*, each with what it is looked at with, and the ends of the others.

        Raises ForeignProperty unless those are to be dropped.
        """
        events: list[Event] = []
        owners: list[Owner | None] = []
        outcomes: list[OutcomeRow] = []
        for entry in entries:
            try:
                delivery = decoded(entry)
            except msgspec.MsgspecError as error:
                # Nothing of ours wrote this. It must neither vanish nor stand in the way of what comes behind it.
                log.error("writer.unreadable_delivery", offset=entry.offset, error=str(error))
                outcomes.append(of_unreadable(entry, str(error), stored_at))
                continue
            try:
                surroundings = self._rules_of(delivery)
            except ForeignProperty as error:
                if not self._drops_foreign:
                    raise
                log.error("writer.foreign_property", offset=entry.offset, error=str(error))
                outcomes.append(of_foreign(entry, str(error), stored_at))
                continue
            except PropertyGone as error:
                outcomes += _all_refused(delivery, Dropped(End.REFUSED, "property_gone", str(error)), stored_at, entry)
                continue
            reader = self._contexts.reader(delivery, surroundings, logged_at=entry.logged_at, stored_at=stored_at)
            owner = inspecting.owner(delivery, reader)
            before, decided_at = len(events), delivery.decided_at(stored_at)
            for place, refusal in enumerate(delivery.refusals):
                position = Position(entry.offset, place)
                rescued = inspecting.rescued(refusal, owner, position) if owner is not None else None
                if rescued is None:
                    outcomes.append(of_refusal(delivery, refusal, decided_at, position))
                else:
                    inspecting.positions.add(entry.offset, [place], start=len(events))
                    events.append(rescued)
            read, places, dropped = _read(delivery, reader, decided_at, entry.offset)
            inspecting.positions.add(entry.offset, places, start=len(events))
            events += read
            outcomes += dropped
            owners += [owner] * (len(events) - before)
        return Unpacked(events, owners, outcomes)


def _read(
    delivery: Delivery, reader: Reader, decided_at: int, offset: str
) -> tuple[list[Event], Sequence[int], list[OutcomeRow]]:
    """Return the events of *delivery* with all their facts, their places in the entry, and the ends of the others."""
    read = _with_facts(delivery, reader)
    places = range(len(delivery.refusals), len(delivery.refusals) + len(read))
    if Dropped not in map(type, read):
        return cast("list[Event]", read), places, []  # nearly always
    dropped = [
        _set_aside(delivery, item, one, decided_at, Position(offset, place))
        for item, one, place in zip(delivery.items, read, places, strict=True)
        if isinstance(one, Dropped)
    ]
    kept = [(one, place) for one, place in zip(read, places, strict=True) if not isinstance(one, Dropped)]
    return [one for one, _ in kept], [place for _, place in kept], dropped


def _all_refused(delivery: Delivery, dropped: Dropped, stored_at: int, entry: Entry) -> list[OutcomeRow]:
    """Return the ends of everything in *delivery*: what the door refused, and what is refused now."""
    positions = map(partial(Position, entry.offset), count())
    rows = [of_refusal(delivery, refusal, stored_at, next(positions)) for refusal in delivery.refusals]
    return rows + [of_event(_bare(delivery, item), dropped, stored_at, next(positions)) for item in delivery.items]


def _with_facts(delivery: Delivery, reader: Reader) -> list[Event | Dropped]:
    """Return events with all their facts. One that cannot be read ends in quarantine, so that it blocks no other."""
    try:
        return list(map(reader.event, delivery.items))
    except Exception:  # noqa: BLE001  reading each alone tells which, and logs it
        return [_read_alone(delivery, item, reader) for item in delivery.items]


def _read_alone(delivery: Delivery, item: deliveries.Item, reader: Reader) -> Event | Dropped:
    try:
        return reader.event(item)
    except Exception as error:
        log.exception("writer.event_failed", property_id=delivery.property_id, message_id=item.message_id)
        return Dropped(End.QUARANTINED, "failed", f"{type(error).__name__}: {error}"[:500])


def _set_aside(
    delivery: Delivery, item: deliveries.Item, dropped: Dropped, decided_at: int, position: Position
) -> OutcomeRow:
    bare = _bare(delivery, item)
    if dropped.end is End.QUARANTINED:
        return of_quarantined(bare, dropped, decided_at, position, user_agent=delivery.user_agent)
    return of_event(bare, dropped, decided_at, position)


def _bare(delivery: Delivery, item: deliveries.Item) -> Event:
    return Event(
        delivery.property_id,
        delivery.stream_id,
        item.message_id,
        item.kind,
        "",
        item.occurred_at,
        delivery.received_at,
        country=item.country,
        link_id=item.link_id,
        facts=NO_PROPERTIES,
        raw=item.payload,
    )
