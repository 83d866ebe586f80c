"""Calls of a property that the door did not take, as far as they are noted."""

import structlog

from apps.ingestion import wiring
from apps.ingestion.domain import turned_away
from apps.ingestion.domain.turned_away import TurnedAway
from apps.orgs import api as orgs
from apps.shared import regions

log = structlog.get_logger(__name__)


def turned_away_with(property_id: int, *, message_id: str) -> tuple[TurnedAway, ...]:
    """Return the calls with a message that were not taken, oldest first. Without its server none is known."""
    wanted = turned_away.digest(message_id.encode(), wiring.key_of_notes(property_id))
    return tuple(row for row, one in _noted(property_id) if one.is_about(wanted))


def last_turned_away(property_id: int, *, most: int) -> tuple[TurnedAway, ...]:
    """Return the last calls that were not taken, newest first."""
    return tuple(row for row, _one in reversed(_noted(property_id)))[:most]


def _noted(property_id: int) -> list[tuple[TurnedAway, turned_away.Note]]:
    notes = wiring.notes(regions.of_property(property_id))
    found = []
    try:
        for stream in orgs.streams_of(property_id):
            found += [(turned_away.shown(one, stream.pk), one) for one in notes.of_stream(stream.pk)]
    except OSError as error:
        log.warning("finding.notes_unavailable", error=str(error))
        return []
    return sorted(found, key=lambda pair: pair[0].at)
