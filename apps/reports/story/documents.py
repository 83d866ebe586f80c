"""What was sent and what is stored, as documents to read, hidden from those who may not see persons."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.ingestion import api as ingestion
from apps.reports.story import words
from apps.shared.json_documents import read_json

_JSON_FIELDS = ("properties", "context")
_TIMES = ("occurred_at", "received_at", "logged_at", "stored_at")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of what was sent, beside the column that holds it."""

    path: str
    sent: str
    column: str
    stored: str
    how: str
    rule: str

    @property
    def how_title(self) -> str:
        """Return what became of it, in words."""
        return str(words.HOWS[self.how])

    @property
    def rule_text(self) -> str:
        """Return by which rule, in words."""
        return str(words.RULES.get(self.rule, "")) if self.how != "same" else ""


@dataclass(frozen=True, slots=True)
class Documents:
    """Both sides, member by member and whole; *kept* says in words whether, and how long, what was sent is there."""

    kept: str
    payload_state: str
    members: tuple[Member, ...] = ()
    sent: str = ""
    stored: str = ""
    ends: tuple[str, ...] = ()


def documents(found: ingestion.FoundEvent, *, sees_personal: bool) -> Documents:
    """Return the documents of an event."""
    hide = (lambda text: text) if sees_personal else ingestion.masked_json
    others: list[ingestion.FoundOutcome | ingestion.WaitingEvent] = [*found.outcomes, *found.waiting]
    ends = tuple(pretty(hide(one.payload)) for one in others if one.payload)
    if not found.is_stored:
        return Documents("" if ends else _no_payload(found), "kept" if ends else "not_kept", ends=ends)
    fields = dict(found.fields) if sees_personal else ingestion.masked_fields(found.fields)
    stored = pretty(json.dumps(_nested(fields), ensure_ascii=False, default=str))
    received_at: Any = found.fields["received_at"]
    if found.sent is None:
        state, kept = _why_not_kept(received_at)
        return Documents(kept, state, stored=stored, ends=ends)
    until = timezone.localtime(received_at + timedelta(days=ingestion.PAYLOAD_DAYS)).strftime("%Y-%m-%d %H:%M")
    kept = _("As it lay on the log, where the network address is taken out already. Thrown away at %(until)s.")
    members = _members(found.sent.payload, found.fields, sees_personal=sees_personal)
    return Documents(kept % {"until": until}, "kept", members, pretty(hide(found.sent.payload)), stored, ends)


def fields_of(found: ingestion.FoundEvent, *, sees_personal: bool) -> tuple[tuple[str, Any], ...]:
    """Return the columns that say something and are no document or time of a stage."""
    fields = found.fields if sees_personal else ingestion.masked_fields(found.fields)
    skipped = (*_JSON_FIELDS, *_TIMES)
    return tuple((name, value) for name, value in fields.items() if name not in skipped and _tells(value))


def pretty(text: str) -> str:
    """Return JSON with its structure shown; what is no JSON stays as it is."""
    try:
        return json.dumps(read_json(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _members(payload: str, fields: Mapping[str, object], *, sees_personal: bool) -> tuple[Member, ...]:
    found = ingestion.differences(payload, fields)
    if not sees_personal:
        found = tuple(ingestion.masked_difference(one) for one in found)
    return tuple(Member(one.path, one.sent, one.column, one.stored, one.how.value, one.rule) for one in found)


def _nested(fields: Mapping[str, object]) -> dict[str, object]:
    nested: dict[str, object] = {}
    for name, value in fields.items():
        if not _tells(value):
            continue
        try:
            nested[name] = read_json(str(value)) if name in _JSON_FIELDS else value
        except (ValueError, RecursionError):
            nested[name] = value
    return nested


def _tells(value: object) -> bool:
    return value not in ("", None, 0, [])


def _why_not_kept(received_at: datetime) -> tuple[str, str]:
    days = {"days": ingestion.PAYLOAD_DAYS}
    if received_at < timezone.now() - timedelta(days=ingestion.PAYLOAD_DAYS):
        return "expired", _(
            "What was sent is kept for %(days)d days. This event is older: only what is stored is left."
        ) % days
    return "not_kept", _(
        "What was sent was not kept: of very many events at once only a sample is, and of imported ones none."
    )


def _no_payload(found: ingestion.FoundEvent) -> str:
    if not (found.outcomes or found.waiting):
        return ""
    return _("Its content was not kept: there was none that could be read, or it may not be kept without consent.")
