"""What became of a message, as stages with their times, and everything that is stored of it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.attribution import api as attribution
from apps.ingestion import api as ingestion
from apps.orgs import api as orgs
from apps.quality import api as quality
from apps.shared.templatetags.figures import span

OUTCOMES: dict[str, str | Promise] = {
    "duplicate": gettext_lazy("Duplicate"),
    "quarantined": gettext_lazy("Quarantined"),
    "refused": gettext_lazy("Refused"),
    "replayed": gettext_lazy("Replayed"),
    "discarded": gettext_lazy("Discarded"),
    "repaired": gettext_lazy("Repaired"),
}
EXPLAINED: dict[str, str | Promise] = {
    "duplicate": gettext_lazy(
        "The same message id had been accepted before. The first one counts; this one changes nothing."
    ),
    "quarantined": gettext_lazy("The event was set aside, with everything it held. It is in no figure."),
    "refused": gettext_lazy("The event was not accepted, and the sender was told so."),
    "replayed": gettext_lazy("The event left quarantine and went through every check again."),
    "discarded": gettext_lazy("The event was taken out of quarantine for good. It is in no figure."),
    "repaired": gettext_lazy("A kept fix changed the event as it was stored; this is how it came."),
}
_TONES = {"duplicate": "warn", "replayed": "good", "repaired": "good"}
_MARKS = ("flags", "repairs")
_JSON_FIELDS = ("properties", "context")
_TIMES = ("occurred_at", "received_at", "logged_at", "stored_at")


@dataclass(frozen=True, slots=True)
class Stage:
    """One step on the way of a message."""

    title: str
    at: datetime | None
    detail: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """The whole way of a message id."""

    message_id: str
    is_known: bool
    is_stored: bool
    stages: tuple[Stage, ...]
    fields: tuple[tuple[str, Any], ...]
    documents: tuple[tuple[str, str], ...]
    stream: str


def story(info: orgs.PropertyInfo, found: ingestion.FoundEvent, freshness: attribution.Freshness) -> Story:
    """Return the way of a message in order of time."""
    streams = {stream.pk: stream.name for stream in orgs.streams_of(info.id)}
    stages = [*_stored_stages(found, freshness), *_flags(info, found), *(_end(outcome) for outcome in found.outcomes)]
    stages += [stage for one in found.waiting for stage in _waiting_stages(one)]
    stages.sort(key=lambda stage: stage.at.timestamp() if stage.at else float("inf"))
    documents = [(name, _pretty(str(found.fields[name]))) for name in _JSON_FIELDS if found.fields.get(name)]
    documents += [(_("Payload as received"), _pretty(outcome.payload)) for outcome in found.outcomes if outcome.payload]
    documents += [(_("Payload as received"), _pretty(one.payload)) for one in found.waiting if one.payload]
    others: list[ingestion.FoundOutcome | ingestion.WaitingEvent] = [*found.outcomes, *found.waiting]
    stream_ids = [found.fields.get("stream_id"), *(one.stream_id for one in others)]
    return Story(
        message_id=found.message_id,
        is_known=bool(found.fields or found.outcomes or found.waiting),
        is_stored=found.is_stored,
        stages=tuple(stages),
        fields=tuple(
            (name, value)
            for name, value in found.fields.items()
            if name not in (*_JSON_FIELDS, *_TIMES, *_MARKS) and value not in ("", None, 0)
        ),
        documents=tuple(documents),
        stream=next((streams[one] for one in stream_ids if one in streams), ""),
    )


def _stored_stages(found: ingestion.FoundEvent, freshness: attribution.Freshness) -> list[Stage]:
    if not found.is_stored:
        return []
    occurred_at, received_at, logged_at, stored_at = (found.fields[name] for name in _TIMES)
    return [
        Stage(_("Happened"), occurred_at, _("By the sender's clock, corrected by the time of sending.")),  # type: ignore[arg-type]
        Stage(_("Received"), received_at, _("Accepted at the door."), "good"),  # type: ignore[arg-type]
        Stage(_("On the log"), logged_at, _("Safe on disk before the answer."), "good"),  # type: ignore[arg-type]
        Stage(_("Stored"), stored_at, _waited(received_at, stored_at), "good"),  # type: ignore[arg-type]
        _in_journeys(stored_at, freshness),  # type: ignore[arg-type]
    ]


def _flags(info: orgs.PropertyInfo, found: ingestion.FoundEvent) -> list[Stage]:
    """Return what a stored event fails, by the names that the expectations have now."""
    flags = list(found.fields.get("flags") or ())  # type: ignore[call-overload]
    if not flags:
        return []
    names = quality.names_of(info.id)
    said = ", ".join(f"“{names.get(flag, flag)}”" for flag in flags)
    words = _("It counts, and fails what is expected: %(names)s.") % {"names": said}
    return [Stage(_("Flagged"), found.fields["stored_at"], words, "warn")]  # type: ignore[arg-type]


def _waiting_stages(waiting: ingestion.WaitingEvent) -> list[Stage]:
    received = _("Accepted at the door.") if waiting.is_accepted else _("Not accepted; the sender was told why.")
    return [
        Stage(_("Received"), waiting.received_at, received, "good" if waiting.is_accepted else "bad"),
        Stage(_("On the log"), waiting.logged_at, _("Safe on disk before the answer."), "good"),
        Stage(_("Stored"), None, _("Waits for the writer."), "warn"),
    ]


def _waited(received_at: datetime, stored_at: datetime) -> str:
    waited = stored_at - received_at
    if waited.total_seconds() < 1:
        return _("%(count)d ms after it was received.") % {"count": waited.total_seconds() * 1000}
    return _("%(span)s after it was received.") % {"span": span(waited)}


def _in_journeys(stored_at: datetime, freshness: attribution.Freshness) -> Stage:
    if freshness.built_to and freshness.built_to >= stored_at:
        return Stage(_("In journeys"), freshness.built_at, _("Seen by the last computation of journeys."), "good")
    return Stage(_("In journeys"), None, _("Waits for the next computation, which starts by itself."), "warn")


def _end(outcome: ingestion.FoundOutcome) -> Stage:
    words = [str(EXPLAINED.get(outcome.outcome, "")), _("Reason: %(reason)s.") % {"reason": outcome.reason}]
    if outcome.field:
        words.append(_("Field: %(field)s.") % {"field": outcome.field})
    if outcome.detail:
        words.append(outcome.detail)
    tone = _TONES.get(outcome.outcome, "bad")
    title = str(OUTCOMES.get(outcome.outcome, outcome.outcome))
    return Stage(title, outcome.decided_at, " ".join(word for word in words if word), tone)


def _pretty(text: str) -> str:
    """Return JSON with its structure shown; what is no JSON stays as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
