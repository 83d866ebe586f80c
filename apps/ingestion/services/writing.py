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
from itertools import count, groupby
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
from apps.ingestion.domain.positions import Ended, Position
from apps.ingestion.domain.seen import Hashes, SeenIds, id_hashes
from apps.ingestion.services.beside import Beside
from apps.ingestion.services.ended import decoded, ended
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
    """Which events of a block are new, with the hashes of their ids and their places in it, and which are not."""

    fresh: list[Event]
    hashes: Hashes
    places: Sequence[int]
    doubles: list[tuple[Event, Position]]
    replayed: int


class _Judged(NamedTuple):
    """A block as it is to be stored: its events, the ends of the others, what was counted, and the block's names.

    `token` names the events, and also which were kept back: after a crash between two inserts other expectations may
    hold, and the rows that are left to store must not be taken for those of the first time. `name` names the entries
    alone, for what is counted of them once, whatever holds.
    """

    found: _Sorted
    outcomes: list[OutcomeRow]
    tables: Mapping[str, Columns]
    position_of: Callable[[int], Position]
    token: str
    name: str
    ends_token: str


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
                    judged = self._judge(block, known)
                    hashes.append(judged.found.hashes)
                    beside.run(partial(self._insert, judged))
                    _count(judged.found.fresh, written.by_property)
                    written.outcomes.extend(judged.outcomes)
                    written = written._replace(replayed=written.replayed + judged.found.replayed)
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

    def _judge(self, block: Sequence[Entry], known: dict[Key, int]) -> _Judged:
        """Return the events of *block* with all their facts, sorted, and the ends of those that are not stored."""
        before = ended(block, self._store) if self._log.may_repeat(block) else Ended()
        stored_at = self._last_stored_at = max(self._clock(), self._last_stored_at + 1)
        inspecting = Inspecting(self._inspection, stored_at)
        with metrics.stage_seconds.labels("transform").time():
            events, owners, outcomes = self._transform(block, stored_at, inspecting)
        with metrics.stage_seconds.labels("deduplicate").time():
            found = self._deduplicate(events, owners, known, inspecting, before)
        outcomes += [_double(event, stored_at, position) for event, position in found.doubles] + inspecting.rows
        name = _token(block)
        token = _token(block, inspecting.kept) if inspecting.kept else name
        ends_token = f"{token}-ends"
        if before:
            outcomes = [row for row in outcomes if not before.has(row.position, row.received_at, row.outcome)]
            ends_token += f"-after-{len(before)}"  # the rows of before have the first name
        return _Judged(found, outcomes, inspecting.tables(), inspecting.positions.of, token, name, ends_token)

    def _transform(
        self, entries: Iterable[Entry], stored_at: int, inspecting: Inspecting
    ) -> tuple[list[Event], list[Owner | None], list[OutcomeRow]]:
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
            before = len(events)
            for place, refusal in enumerate(delivery.refusals):
                position = Position(entry.offset, place)
                rescued = inspecting.rescued(refusal, owner, position) if owner is not None else None
                if rescued is None:
                    outcomes.append(of_refusal(delivery, refusal, stored_at, position))
                else:
                    inspecting.positions.add(entry.offset, [place], start=len(events))
                    events.append(rescued)
            read, places, dropped = _read(delivery, reader, stored_at, entry.offset)
            inspecting.positions.add(entry.offset, places, start=len(events))
            events += read
            outcomes += dropped
            owners += [owner] * (len(events) - before)
        return events, owners, outcomes

    def _deduplicate(
        self,
        events: Sequence[Event],
        owners: Sequence[Owner | None],
        known: dict[Key, int],
        inspecting: Inspecting,
        before: Ended,
    ) -> _Sorted:
        """Tell the events that are new from those that came before and those of this very delivery that are stored.

        What is new meets the expectations of its property here: one that is kept back is not known, so that a better
        one with the same id is stored. *known* are the ids of this round: the store may not show those of its earlier
        blocks yet. What had its end *before* keeps it, whatever the rules of now would say.
        """
        keys = [(event.property_id, event.message_id) for event in events]
        hashes = id_hashes(keys)
        suspected = self._seen.suspects(hashes)
        suspects = [key for key in map(keys.__getitem__, np.flatnonzero(suspected)) if key not in known]
        if suspects:
            known.update(self._store.received(suspects))
        new = dict.fromkeys(keys, -1)
        if len(new) == len(keys) and not any(owners) and not before and known.keys().isdisjoint(new):
            known.update(new)  # nearly every block: each event is new, and none meets an expectation
            return _Sorted(list(events), hashes, range(len(keys)), [], 0)
        fresh, places, doubles, replayed = [], [], [], 0
        position_of = inspecting.positions.of
        had = [before.outcome(position_of(at), one.received_at) for at, one in enumerate(events)] if before else []
        open_keys = [key for key, end in zip(keys, had, strict=True) if not end] if had else keys
        times = Counter(open_keys) if self._log.is_rereading else None
        for place, (key, event, owner) in enumerate(zip(keys, events, owners, strict=True)):
            if had and had[place]:
                if owner and times is not None and had[place] == End.QUARANTINED:
                    inspecting.look(event, owner, at=place)  # for its counts: its row is there
                replayed += 1
                continue
            first_received_at = known.get(key)
            if first_received_at is None:
                kept = event if owner is None else inspecting.look(event, owner, at=place)
                if kept is None:
                    continue
                known[key] = -1  # from here on this round knows it
                fresh.append(kept)
                places.append(place)
            elif first_received_at == event.received_at:
                # A crash may have come before its counts and notes; the token keeps them from counting twice. Which of
                # several is the stored one is told as it was then, by those that are kept back.
                if owner and times and inspecting.look(event, owner, at=place, is_stored=times[key] == 1) is None:
                    continue
                known[key] = -1  # another of this id is a double, as it was when this one was new
                replayed += 1
            else:
                doubles.append((event, position_of(place)))
        return _Sorted(fresh, hashes[places], places, doubles, replayed)

    def _insert(self, judged: _Judged) -> None:
        fresh, outcomes, token = judged.found.fresh, judged.outcomes, judged.token
        with metrics.stage_seconds.labels("insert").time():
            if fresh:
                inserted = self._store.insert("events", as_columns(fresh), token=token)
                self._stamped_at = inserted.stamped_at or self._stamped_at
                # Another writer stored these meanwhile: this very delivery, which is nothing, or an earlier one.
                late = [at for at, received in inserted.left_out.items() if received != fresh[at].received_at]
                positions = [judged.position_of(judged.found.places[at]) for at in late]
                pairs = zip(map(fresh.__getitem__, late), positions, strict=True)
                outcomes += [_double(one, one.stored_at, position) for one, position in pairs]
                if inserted.left_out:
                    fresh = [one for at, one in enumerate(fresh) if at not in inserted.left_out]
                    token = f"{token}-rest"
            if outcomes:
                columns = zip(*outcomes, strict=True)
                ends = dict(zip(OUTCOME_COLUMNS, columns, strict=True))
                self._store.insert("outcomes", ends, token=judged.ends_token)
            for table, counted in judged.tables.items():
                self._store.insert(table, counted, token=f"{judged.name}-{table}")
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


def _read(
    delivery: Delivery, reader: Reader, stored_at: int, offset: str
) -> tuple[list[Event], Sequence[int], list[OutcomeRow]]:
    """Return the events of *delivery* with all their facts, their places in the entry, and the ends of the others."""
    read = _with_facts(delivery, reader)
    places = range(len(delivery.refusals), len(delivery.refusals) + len(read))
    if Dropped not in map(type, read):
        return cast("list[Event]", read), places, []  # nearly always
    dropped = [
        _set_aside(delivery, item, one, stored_at, Position(offset, place))
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


def _double(event: Event, decided_at: int, position: Position) -> OutcomeRow:
    return of_event(event, Dropped(End.DUPLICATE, "duplicate"), decided_at, position)


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
    delivery: Delivery, item: deliveries.Item, dropped: Dropped, stored_at: int, position: Position
) -> OutcomeRow:
    bare = _bare(delivery, item)
    if dropped.end is End.QUARANTINED:
        return of_quarantined(bare, dropped, stored_at, position, user_agent=delivery.user_agent)
    return of_event(bare, dropped, stored_at, position)


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


def _token(entries: Sequence[Entry], kept: Sequence[str] = ()) -> str:
    """Return the name of a block: the same entries, of which the same are *kept* back, give the same name."""
    named = [entry.offset for entry in entries] + (["kept", *kept] if kept else [])
    return hashlib.sha256(" ".join(named).encode()).hexdigest()[:32]
