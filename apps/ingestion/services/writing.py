"""The writer: deliveries from the log become rows, once each, in large blocks.

The order of one round is what makes a crash harmless: insert the events, insert the outcomes, commit the log. Whoever
dies in between leaves the entries uncommitted; they are read again, what is stored already is recognised, and the
block's token keeps the engine from taking it twice even while the first insert is still under way (R1, R2).

A large round is several blocks. While the store takes one, the next is transformed; they arrive in the order of their
`stored_at`, so a reader that asks for what is newer than the last it saw misses none.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import structlog

from apps.ingestion.domain import arrivals, payloads
from apps.ingestion.domain.arrivals import Arrival, News
from apps.ingestion.domain.columns import as_columns
from apps.ingestion.domain.deliveries import Delivery
from apps.ingestion.domain.events import Dropped, End, Event, Surroundings
from apps.ingestion.domain.inspections import Inspection
from apps.ingestion.domain.outcomes import OUTCOME_COLUMNS, OutcomeRow, of_event
from apps.ingestion.domain.ports import Entry, EventLogReader, EventStore, StoreUnavailable
from apps.ingestion.domain.positions import Ended, Position
from apps.ingestion.domain.seen import Hashes, SeenIds
from apps.ingestion.services.beside import Beside
from apps.ingestion.services.blocks import blocks_of, token_of
from apps.ingestion.services.counting import Counted, Counting
from apps.ingestion.services.ended import ended
from apps.ingestion.services.inspecting import Inspecting
from apps.ingestion.services.sorting import Key, Sorted, Sorter
from apps.ingestion.services.unpacking import Unpacker
from apps.ingestion.services.written import Written, count
from apps.shared import metrics

log = structlog.get_logger(__name__)

# Milliseconds by which the clocks of writers may differ, and a block may be on its way.
_OVERLAP = 600_000


class _Judged(NamedTuple):
    """A block as it is to be stored: its events, the ends of the others, what was counted, and the block's names.

    `token` names the events, and also which were kept back: after a crash between two inserts other expectations may
    hold, and the rows that are left to store must not be taken for those of the first time.
    """

    found: Sorted
    outcomes: list[OutcomeRow]
    counted: Sequence[Counted]
    position_of: Callable[[int], Position]
    token: str
    ends_token: str
    logged_at: Mapping[str, int]  # when the log took each entry, by its offset


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
        self._clock, self._tell = clock, tell
        self._unpacker = Unpacker(rules_of, drops_foreign=drops_foreign)
        self._sorter = Sorter(store, seen)
        self._last_stored_at = store.newest_stored_at()
        self._stamped_at = 0  # by the store, where writers insert in turn
        self._beside = Beside()
        self._counting = Counting(log, store, inspection)
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
        shares = {place.share for place in self._log.places(entries)}
        has_claimed = self._store.claim(shares)
        if has_claimed:  # before anything is judged: nobody else adds to what is known of these entries any more
            self.learn()
        self._counting.begin(shares, has_claimed=has_claimed)
        written = Written({}, [], 0)
        known: dict[Key, int] = {}
        hashes: list[Hashes] = []
        try:
            with self._beside as beside:
                for block in blocks_of(entries):
                    judged = self._judge(block, known, has_claimed=has_claimed)
                    hashes.append(judged.found.hashes)
                    beside.run(partial(self._insert, judged))
                    count(judged.found.fresh, written.by_property)
                    written.outcomes.extend(judged.outcomes)
                    written = written._replace(replayed=written.replayed + judged.found.replayed)
        except BaseException:
            # Some of it may be stored: by other expectations it would be a block of another name, and stored again.
            for part in hashes:
                self._seen.add(part[~self._seen.suspects(part)])
            self._counting.forget()
            raise
        for part in hashes:
            self._seen.add(part)
        self._log.commit([entry.offset for entry in entries])
        self._announce(written, self._stamped_at or self._last_stored_at)
        return written

    def _judge(self, block: Sequence[Entry], known: dict[Key, int], *, has_claimed: bool = False) -> _Judged:
        """Return the events of *block* with all their facts, sorted, and the ends of those that are not stored."""
        may_repeat = has_claimed or self._log.may_repeat(block)
        before = ended(block, self._store) if may_repeat else Ended()
        stored_at = self._last_stored_at = max(self._clock(), self._last_stored_at + 1)
        inspecting = Inspecting(self._inspection, stored_at, self._counting.open(block))
        with metrics.stage_seconds.labels("transform").time():
            unpacked = self._unpacker.unpack(block, stored_at, inspecting)
        with metrics.stage_seconds.labels("deduplicate").time():
            found = self._sorter.sort(unpacked, known, inspecting, before, may_repeat=may_repeat)
        outcomes = (
            unpacked.outcomes
            + [_double(event, stored_at, position) for event, position in found.doubles]
            + inspecting.rows
        )
        name = token_of(block)
        token = token_of(block, inspecting.kept) if inspecting.kept else name
        ends_token = f"{token}-ends"
        if before:
            outcomes = [row for row in outcomes if not before.has(row.position, row.received_at, row.outcome)]
            ends_token += f"-after-{len(before)}"  # the rows of before have the first name
        counted = self._counting.named(inspecting.tallies, block, name=name, stored_at=stored_at)
        logged_at = {entry.offset: entry.logged_at for entry in block}
        return _Judged(found, outcomes, counted, inspecting.positions.of, token, ends_token, logged_at)

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
                ends: dict[str, Sequence[object]] = dict(zip(OUTCOME_COLUMNS, columns, strict=True))
                ends["logged_at"] = [judged.logged_at[row.log_offset] for row in outcomes]
                self._store.insert("outcomes", ends, token=judged.ends_token)
            self._counting.insert(judged.counted)
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


def _double(event: Event, decided_at: int, position: Position) -> OutcomeRow:
    return of_event(event, Dropped(End.DUPLICATE, "duplicate"), decided_at, position)
