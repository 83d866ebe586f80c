"""What became of one event: its stages with their times, and what was sent beside what is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.attribution import api as attribution
from apps.ingestion import api as ingestion
from apps.orgs import api as orgs
from apps.reports.story.documents import Documents, documents, fields_of
from apps.reports.story.stages import Stage, stages

__all__ = ["Story", "story"]


@dataclass(frozen=True, slots=True)
class Story:
    """The whole way of an event."""

    message_id: str
    state: str
    is_known: bool
    is_stored: bool
    stages: tuple[Stage, ...]
    fields: tuple[tuple[str, Any], ...]
    documents: Documents
    stream: str
    user_id: str = ""
    anonymous_id: str = ""


def story(
    info: orgs.PropertyInfo,
    found: ingestion.FoundEvent,
    *,
    access: orgs.Access,
) -> Story:
    """Return the way of an event, as far as *access* may see it."""
    sees_personal = access.may(orgs.Permission.EVENTS_PERSONAL)
    streams = {stream.pk: stream.name for stream in orgs.streams_of(info.id)}
    others: list[Any] = [*found.outcomes, *found.waiting, *found.turned_away]
    stream_ids = [found.fields.get("stream_id"), *(one.stream_id for one in others)]
    parts = _parts(info, found) if access.may(orgs.Permission.JOURNEYS) else ()
    return Story(
        message_id=found.message_id,
        state=_state(found),
        is_known=bool(found.fields or found.outcomes or found.waiting or found.turned_away),
        is_stored=found.is_stored,
        stages=stages(info, found, attribution.freshness(info.id) if found.is_stored else None, parts),
        fields=fields_of(found, sees_personal=sees_personal),
        documents=documents(found, sees_personal=sees_personal),
        stream=next((streams[one] for one in stream_ids if isinstance(one, int) and one in streams), ""),
        user_id=str(found.fields.get("user_id", "")) if sees_personal else "",
        anonymous_id=str(found.fields.get("anonymous_id", "")) if sees_personal else "",
    )


def _parts(info: orgs.PropertyInfo, found: ingestion.FoundEvent) -> Sequence[attribution.JourneyPart]:
    if not found.is_stored:
        return ()
    occurred_at: Any = found.fields["occurred_at"]
    return attribution.parts_in_journeys(info.id, message_id=found.message_id, occurred_at=occurred_at)


def _state(found: ingestion.FoundEvent) -> str:
    if found.is_stored:
        return ingestion.STORED
    if found.outcomes:
        return found.outcomes[-1].outcome
    if found.waiting:
        return ingestion.WAITING
    return "turned_away" if found.turned_away else ""
