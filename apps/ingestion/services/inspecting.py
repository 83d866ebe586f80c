"""New events meet the expectations of their property: stored, stored with flags, repaired first, or kept back."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import structlog

from apps.ingestion.domain.contexts import Reader
from apps.ingestion.domain.deliveries import Delivery, Item, Refusal
from apps.ingestion.domain.events import Dropped, End, Event
from apps.ingestion.domain.inspections import Finding, Inspection, Inspector, Repaired, Tally
from apps.ingestion.domain.outcomes import OutcomeRow, of_event, of_quarantined, whole
from apps.ingestion.domain.positions import Position, Positions
from apps.shared import metrics

log = structlog.get_logger(__name__)
REASON = "expectation"


class Owner(NamedTuple):
    """What belongs to the events of one delivery whose property has expectations or repairs."""

    delivery: Delivery
    reader: Reader
    inspector: Inspector


class Inspecting:
    """The inspection of one block; `rows` are the ends and the notes that it leads to.

    *shares* are those that entries are counted for, by offset, None for what is counted; without any it is one for all.
    """

    def __init__(
        self, inspection: Inspection | None, stored_at: int, shares: Mapping[str, str | None] = MappingProxyType({})
    ) -> None:
        self._inspection, self._stored_at, self._shares = inspection, stored_at, shares
        self.positions = Positions()  # of the block's events
        self.tallies: dict[str, Tally] = {}  # by share of the log
        self.rows: list[OutcomeRow] = []
        self.kept: list[str] = []

    def owner(self, delivery: Delivery, reader: Reader) -> Owner | None:
        """Return what the events of *delivery* are looked at with, or None where nobody expects anything of them."""
        if self._inspection is None:
            return None
        inspector = self._inspection.inspector_of(delivery.property_id)
        return None if inspector is None else Owner(delivery, reader, inspector)

    def look(self, event: Event, owner: Owner, *, at: int, is_stored: bool = False) -> Event | None:
        """Return *event*, which is *at* a place of the block, as it is to be stored, or None when it is kept back.

        One that *is_stored* is only counted and noted; what the rules of now would keep back was not kept back then.
        """
        try:
            event, finding = self._repaired(event, owner.inspector.inspect(event), owner, at)
            if is_stored and finding is not None and finding.is_quarantined:
                return event
            self._count(event, finding, owner, at)
        except Exception:
            # A rule that breaks must not stand in the way of events, which break none that we know of.
            metrics.inspections_failed.inc()
            log.exception("writer.inspection_failed", property_id=event.property_id, message_id=event.message_id)
            return event
        if finding is None:
            return event
        if finding.is_quarantined:
            self._keep_back(event, finding, owner, self.positions.of(at))
            return None
        event.flags = finding.expectations
        return event

    def rescued(self, refusal: Refusal, owner: Owner, position: Position) -> Event | None:
        """Return what the door kept back as an event, where a repair makes it one."""
        if not refusal.kind:
            return None
        item = Item(refusal.message_id, refusal.kind, refusal.occurred_at, refusal.payload, refusal.country)
        repaired = owner.inspector.repair(item, stream_id=owner.delivery.stream_id, name=refusal.name)
        again = None if repaired is None else self._read(repaired, owner)
        if again is None or repaired is None:
            return None
        before = Event(
            owner.delivery.property_id, owner.delivery.stream_id, item.message_id, item.kind, refusal.name,
            item.occurred_at, owner.delivery.received_at, raw=item.payload,
        )  # fmt: skip
        self._note(before, repaired, position)
        return again

    def _count(self, event: Event, finding: Finding | None, owner: Owner, at: int) -> None:
        """Count *event*, unless those of its entry are counted."""
        share = self._shares[self.positions.of(at).offset] if self._shares else ""
        if share is None or self._inspection is None:
            return
        if share not in self.tallies:
            self.tallies[share] = self._inspection.tally()
        self.tallies[share].add(event, finding, owner.inspector)

    def _repaired(self, event: Event, finding: Finding | None, owner: Owner, at: int) -> tuple[Event, Finding | None]:
        """Return the event after the repairs that are kept for it, if it fails less then."""
        if finding is None:
            return event, None
        raw = bytes(event.raw)
        item = Item(event.message_id, event.kind, event.occurred_at, raw, event.country, event.link_id)
        repaired = owner.inspector.repair(item, stream_id=event.stream_id, name=event.name)
        again = None if repaired is None else self._read(repaired, owner)
        if again is None or repaired is None:
            return event, finding
        left = owner.inspector.inspect(again)
        if left is not None and len(left.expectations) >= len(finding.expectations):
            return event, finding
        if left is None or not left.is_quarantined:
            self._note(event, repaired, self.positions.of(at))
        return again, left

    def _read(self, repaired: Repaired, owner: Owner) -> Event | None:
        outcome = owner.reader.event(repaired.item)
        if isinstance(outcome, Dropped):
            return None
        outcome.repairs = repaired.repairs
        return outcome

    def _note(self, before: Event, repaired: Repaired, position: Position) -> None:
        """Keep the event as it came, beside the one that is stored."""
        row = of_event(before, Dropped(End.REPAIRED, "repaired", repaired.detail), self._stored_at, position)
        self.rows.append(row._replace(payload=whole(bytes(before.raw))))

    def _keep_back(self, event: Event, finding: Finding, owner: Owner, position: Position) -> None:
        dropped = Dropped(End.QUARANTINED, REASON, finding.detail, finding.field)
        self.rows.append(
            of_quarantined(
                event,
                dropped,
                owner.delivery.decided_at(self._stored_at),
                position,
                user_agent=owner.delivery.user_agent,
                expectations=finding.expectations,
            )
        )
        self.kept.append(event.message_id)
