"""The writer: deliveries from the log become rows, once each, in large blocks.

The order of one round is what makes a crash harmless: insert the events, insert the outcomes, commit the log. Whoever
dies in between leaves the entries uncommitted; they are read again, what is stored already is recognised, and the
block's token keeps the engine from taking it twice even while the first insert is still under way (R1, R2).

A large round is several blocks. While the store takes one, the next is transformed; they arrive in the order of their
`stored_at`, so a reader that asks for what is newer than the last it saw misses none.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, cast

import msgspec
import numpy as np
import structlog

from apps.ingestion.domain import arrivals, deliveries, payloads
from apps.ingestion.domain.arrivals import Arrival, News
from apps.ingestion.domain.columns import as_columns
from apps.ingestion.domain.contexts import Contexts, Reader
from apps.ingestion.domain.deliveries import Delivery
from apps.ingestion.domain.events import Dropped, End, Event, Surroundings
from apps.ingestion.domain.inspections import Columns, Inspection
from apps.ingestion.domain.outcomes import (
    OUTCOME_COLUMNS,
    OutcomeRow,
    of_event,
    of_foreign,
    of_quarantined,
    of_refusal,
    of_unreadable,
)
from apps.ingestion.domain.payload import NO_PROPERTIES
from apps.ingestion.domain.ports import Entry, EventLogReader, EventStore, StoreUnavailable
from apps.ingestion.domain.seen import Hashes, SeenIds, id_hashes
from apps.ingestion.services.beside import Beside
from apps.ingestion.services.inspecting import Inspecting, Owner
from apps.shared import metrics

log = structlog.get_logger(__name__)
Key = tuple[int, str]

# Bytes of entries in one block, some 17,000 events. Changing it changes the tokens of blocks that a crash left behind.
_BLOCK = 12 * 1024 * 1024
# Milliseconds by which the clocks of writers may differ, and a block may be on its way.
_OVERLAP = 600_000


class PropertyGone(LookupError):
    """The property of a delivery does not exist any more."""


class ForeignProperty(LookupError):
    """The property of a delivery belongs to another region: nothing of it may be stored in this one.

    No door puts it on this log, so settings are wrong. The writer stands still, and everything stays on the log.
    """


class Stored(NamedTuple):
    """What one round stored of a property."""

    events: int
    flagged: int
    earliest: int


class Written(NamedTuple):
    """What one round did; the events themselves are let go of, for they are most of the writer's memory."""

    by_property: dict[int, Stored]
    outcomes: list[OutcomeRow]
    replayed: int

    @property
    def stored(self) -> int:
        """Return how many events were stored."""
        return sum(one.events for one in self.by_property.values())

    @property
    def flagged(self) -> int:
        """Return how many of those carry flags."""
        return sum(one.flagged for one in self.by_property.values())


class _Sorted(NamedTuple):
    """Which events of a block are new, with the hashes of their ids, and which are not."""

    fresh: list[Event]
    hashes: Hashes
    doubles: list[Event]
    replayed: int


class Writer:
    """Keeps what outlives a round: the ids seen, the clock that never runs back, the rules of properties."""

    def __init__(
        self,
        *,
        log: EventLogReader,
        store: EventStore,
        seen: SeenIds,
        rules_of: Callable[[Delivery], Surroundings],
        clock: Callable[[], int],
        tell: Callable[[News], None],
        drops_foreign: bool = False,
        inspection: Inspection | None = None,
    ) -> None:
        self._inspection = inspection
        self._log, self._store, self._seen = log, store, seen
        self._rules_of, self._clock, self._tell = rules_of, clock, tell
        self._drops_foreign = drops_foreign
        self._last_stored_at = store.newest_stored_at()
        self._stamped_at = 0  # by the store, where writers insert in turn
        self._contexts = Contexts()
        self._beside = Beside()
        self._learnt_to = self._last_stored_at

    def learn(self) -> None:
        """Take in the ids that other writers stored since this one last looked. Raises StoreUnavailable."""
        newest = self._store.newest_stored_at()
        for hashes in self._store.id_hashes(since=max(self._learnt_to - _OVERLAP, 0)):
            self._seen.add(hashes[~self._seen.suspects(hashes)])
        self._learnt_to = newest

    def write(self, entries: Sequence[Entry]) -> Written:
        """Give every event of *entries* its end, then commit them.

        Raises StoreUnavailable, LogUnavailable, or ForeignProperty unless those are to be dropped.
        """
        written = Written({}, [], 0)
        known: dict[Key, int] = {}
        hashes: list[Hashes] = []
        try:
            with self._beside as beside:
                for block in _blocks(entries):
                    found, outcomes, inspecting = self._judge(block, known)
                    hashes.append(found.hashes)
                    token = _token(block, inspecting.kept)
                    beside.run(partial(self._insert, found.fresh, outcomes, inspecting.tables(), token))
                    _count(found.fresh, written.by_property)
                    written.outcomes.extend(outcomes)
                    written = written._replace(replayed=written.replayed + found.replayed)
        except BaseException:
            # Some of it may be stored: by other expectations it would be a block of another name, and stored again.
            for part in hashes:
                self._seen.add(part[~self._seen.suspects(part)])
            raise
        for part in hashes:
            self._seen.add(part)
        self._log.commit([entry.offset for entry in entries])
        self._announce(written, self._stamped_at or self._last_stored_at)
        return written

    def _judge(self, block: Sequence[Entry], known: dict[Key, int]) -> tuple[_Sorted, list[OutcomeRow], Inspecting]:
        """Return the events of *block* with all their facts, sorted, and the ends of those that are not stored."""
        stored_at = self._last_stored_at = max(self._clock(), self._last_stored_at + 1)
        inspecting = Inspecting(self._inspection, stored_at)
        with metrics.stage_seconds.labels("transform").time():
            events, owners, outcomes = self._transform(block, stored_at, inspecting)
        with metrics.stage_seconds.labels("deduplicate").time():
            found = self._deduplicate(events, owners, known, inspecting)
        outcomes += [of_event(event, Dropped(End.DUPLICATE, "duplicate"), stored_at) for event in found.doubles]
        return found, outcomes + inspecting.rows, inspecting

    def _transform(
        self, entries: Iterable[Entry], stored_at: int, inspecting: Inspecting
    ) -> tuple[list[Event], list[Owner | None], list[OutcomeRow]]:
        events: list[Event] = []
        owners: list[Owner | None] = []
        outcomes: list[OutcomeRow] = []
        for entry in entries:
            try:
                delivery = _decoded(entry)
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
                outcomes += [of_refusal(delivery, refusal, stored_at) for refusal in delivery.refusals]
                gone = Dropped(End.REFUSED, "property_gone", str(error))
                outcomes += [of_event(_bare(delivery, item), gone, stored_at) for item in delivery.items]
                continue
            reader = self._contexts.reader(delivery, surroundings, logged_at=entry.logged_at, stored_at=stored_at)
            owner = inspecting.owner(delivery, reader)
            before = len(events)
            for refusal in delivery.refusals:
                rescued = inspecting.rescued(refusal, owner) if owner is not None else None
                if rescued is None:
                    outcomes.append(of_refusal(delivery, refusal, stored_at))
                else:
                    events.append(rescued)
            read, dropped = _read(delivery, reader, stored_at)
            events += read
            outcomes += dropped
            owners += [owner] * (len(events) - before)
        return events, owners, outcomes

    def _deduplicate(
        self, events: Sequence[Event], owners: Sequence[Owner | None], known: dict[Key, int], inspecting: Inspecting
    ) -> _Sorted:
        """Tell the events that are new from those that came before and those of this very delivery that are stored.

        What is new meets the expectations of its property here: one that is kept back is not known, so that a better
        one with the same id is stored. *known* are the ids of this round: the store may not show those of its earlier
        blocks yet.
        """
        keys = [(event.property_id, event.message_id) for event in events]
        hashes = id_hashes(keys)
        suspected = self._seen.suspects(hashes)
        suspects = [key for key in map(keys.__getitem__, np.flatnonzero(suspected)) if key not in known]
        if suspects:
            known.update(self._store.received(suspects))
        new = dict.fromkeys(keys, -1)
        if len(new) == len(keys) and not any(owners) and known.keys().isdisjoint(new):
            known.update(new)  # nearly every block: each event is new, and none meets an expectation
            return _Sorted(list(events), hashes, [], 0)
        times = Counter(keys) if self._log.is_rereading else None
        fresh, places, doubles, replayed = [], [], [], 0
        for place, (key, event, owner) in enumerate(zip(keys, events, owners, strict=True)):
            first_received_at = known.get(key)
            if first_received_at is None:
                kept = event if owner is None else inspecting.look(event, owner)
                if kept is None:
                    continue
                known[key] = -1  # from here on this round knows it
                fresh.append(kept)
                places.append(place)
            elif first_received_at == event.received_at:
                # A crash may have come before its counts and notes; the token keeps them from counting twice. Which of
                # several is the stored one is told as it was then, by those that are kept back.
                if owner and times and inspecting.look(event, owner, is_stored=times[key] == 1) is None:
                    continue
                known[key] = -1  # another of this id is a double, as it was when this one was new
                replayed += 1
            else:
                doubles.append(event)
        return _Sorted(fresh, hashes[places], doubles, replayed)

    def _insert(
        self, fresh: Sequence[Event], outcomes: list[OutcomeRow], tables: Mapping[str, Columns], token: str
    ) -> None:
        with metrics.stage_seconds.labels("insert").time():
            if fresh:
                inserted = self._store.insert("events", as_columns(fresh), token=token)
                self._stamped_at = inserted.stamped_at or self._stamped_at
                # Another writer stored these meanwhile: this very delivery, which is nothing, or an earlier one.
                late = [fresh[at] for at, received in inserted.left_out.items() if received != fresh[at].received_at]
                outcomes += [of_event(one, Dropped(End.DUPLICATE, "duplicate"), one.stored_at) for one in late]
                if inserted.left_out:
                    fresh = [one for at, one in enumerate(fresh) if at not in inserted.left_out]
                    token = f"{token}-rest"
            if outcomes:
                columns = zip(*outcomes, strict=True)
                self._store.insert("outcomes", dict(zip(OUTCOME_COLUMNS, columns, strict=True)), token=f"{token}-ends")
            for table, counted in tables.items():
                self._store.insert(table, counted, token=f"{token}-{table}")
            self._keep_payloads(fresh, token)

    def _keep_payloads(self, fresh: Sequence[Event], token: str) -> None:
        """Keep what was sent, for the debugger. The events are stored by now, and none waits for this."""
        columns = payloads.columns_of(fresh)
        try:
            if columns:
                self._store.insert("payloads", columns, token=f"{token}-sent")
        except StoreUnavailable as error:
            log.warning("writer.payloads_not_kept", error=str(error))

    def _announce(self, written: Written, stored_at: int) -> None:
        """Tell what was stored, and open pages also what was not: they show every end."""
        ends = Counter(outcome.property_id for outcome in written.outcomes)
        for property_id, stored in written.by_property.items():
            arrivals.announce(Arrival(property_id, stored.events, stored.earliest, stored_at))
        for property_id in written.by_property.keys() | ends.keys() - {0}:
            events = written.by_property[property_id].events if property_id in written.by_property else 0
            self._tell(News(property_id, events, ends[property_id], stored_at))


def load_seen_ids(store: EventStore) -> SeenIds:
    """Return the filter of every id that the store holds. Raises StoreUnavailable."""
    seen = SeenIds()
    for hashes in store.id_hashes():
        seen.add(hashes)
    return seen


def _count(fresh: Sequence[Event], by_property: dict[int, Stored]) -> None:
    """Add the events of one block to what is counted; those of a delivery, one after the other, share a property."""
    for property_id, run in groupby(fresh, key=attrgetter("property_id")):
        events = list(run)
        earliest = min(map(attrgetter("occurred_at"), events))
        counted = Stored(len(events), sum(map(bool, map(attrgetter("flags"), events))), earliest)
        before = by_property.get(property_id)
        by_property[property_id] = counted if before is None else _sum(before, counted)


def _sum(one: Stored, other: Stored) -> Stored:
    return Stored(one.events + other.events, one.flagged + other.flagged, min(one.earliest, other.earliest))


def _decoded(entry: Entry) -> Delivery:
    """Return the delivery of *entry*. Raises what `deliveries.decode` raises."""
    if not entry.is_whole:
        raise msgspec.DecodeError("It is not what was appended: its checksum differs.")
    return deliveries.decode(entry.body)


def _read(delivery: Delivery, reader: Reader, stored_at: int) -> tuple[list[Event], list[OutcomeRow]]:
    """Return the events of *delivery* with all their facts, and the ends of those that are none."""
    read = _with_facts(delivery, reader)
    if Dropped not in map(type, read):
        return cast("list[Event]", read), []  # nearly always
    pairs = list(zip(delivery.items, read, strict=True))
    dropped = [_set_aside(delivery, item, one, stored_at) for item, one in pairs if isinstance(one, Dropped)]
    return [one for one in read if not isinstance(one, Dropped)], dropped


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


def _set_aside(delivery: Delivery, item: deliveries.Item, dropped: Dropped, stored_at: int) -> OutcomeRow:
    bare = _bare(delivery, item)
    if dropped.end is End.QUARANTINED:
        return of_quarantined(bare, dropped, stored_at, user_agent=delivery.user_agent)
    return of_event(bare, dropped, stored_at)


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


def _blocks(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """Yield *entries* in parts that depend on nothing else, so that the same entries make the same blocks again."""
    start = size = 0
    for end, entry in enumerate(entries, start=1):
        size += len(entry.body)
        if size >= _BLOCK or end == len(entries):
            yield entries[start:end]
            start, size = end, 0


def _token(entries: Sequence[Entry], kept: Sequence[str]) -> str:
    """Return the name of a block: the same entries give the same name.

    Those that are kept back are part of it: after a crash between two inserts other expectations may hold, and the
    rows that are left to store must not be taken for those of the first time.
    """
    named = [entry.offset for entry in entries] + (["kept", *kept] if kept else [])
    return hashlib.sha256(" ".join(named).encode()).hexdigest()[:32]
