"""What was sent beside what is stored of it, member by member, with the rule behind every difference."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from apps.shared.json_documents import read_json


class How(StrEnum):
    """What became of one member."""

    SAME = "same"
    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Difference:
    """One member: where it was sent, what it said, the column that holds it, what that says, and by which rule."""

    path: str
    sent: str
    column: str
    stored: str
    how: How
    rule: str = ""


_NOTHING = ("", None, 0, False)
# Where members go: path, column, and the rule by which the value may differ. The longest path that fits decides.
_WAYS: Mapping[str, tuple[str, str]] = {
    "messageId": ("message_id", ""),
    "type": ("kind", ""),
    "event": ("name", ""),
    "name": ("name", ""),
    "anonymousId": ("anonymous_id", ""),
    "userId": ("user_id", ""),
    "previousId": ("previous_id", ""),
    "groupId": ("context.groupId", ""),
    "category": ("context.category", ""),
    "timestamp": ("occurred_at", "clock"),
    "originalTimestamp": ("occurred_at", "clock"),
    "sentAt": ("", "clock"),
    "context.ip": ("country", "address"),
    "context.userAgent": ("device", "agent"),
    "context.locale": ("locale", ""),
    "context.page.url": ("page_url", ""),
    "context.page.path": ("page_path", ""),
    "context.page.title": ("title", ""),
    "context.page.referrer": ("context.referrer", ""),
    "context.page": ("", "page"),
    "context.campaign.source": ("source", "source"),
    "context.campaign.medium": ("medium", "source"),
    "context.campaign.name": ("campaign", "source"),
    "context.campaign.term": ("term", "source"),
    "context.campaign.content": ("content", "source"),
    "context.campaign.channel": ("channel", "source"),
    "context.campaign": ("", "source"),
    "context.consent": ("", "consent"),
    "context.gpc": ("", "consent"),
    "context": ("context", ""),
    "properties": ("properties", ""),
    "traits": ("properties", "traits"),
    "": ("", "unused"),
}
# Columns that nobody sent, and what they follow from.
_ADDED = {
    "country": "address", "device": "agent", "os": "agent", "browser": "agent", "channel": "channel",
    "source": "source", "medium": "source", "campaign": "source", "term": "source", "content": "source",
    "click_id": "click", "click_id_kind": "click", "referrer_host": "source", "has_source": "source",
    "page_path": "page", "page_url": "page", "title": "page", "value": "money", "currency": "money",
    "order_id": "money", "device_key": "identity", "person_key": "identity", "link_id": "link",
    "message_id": "id", "anonymous_id": "identity", "kind": "call", "occurred_at": "clock",
}  # fmt: skip


def differences(payload: str, stored: Mapping[str, object]) -> tuple[Difference, ...]:
    """Return every member of *payload* in its order, then the columns that were added. Of no JSON, nothing."""
    try:
        sent = read_json(payload)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(sent, dict):
        return ()
    inside = {name: _members(stored.get(name)) for name in ("properties", "context")}
    found = [_difference(path, value, stored, inside) for path, value in _leaves(sent, "")]
    claimed = {name for one in found if one.how is not How.REMOVED for name in one.column.split(", ")}
    added = [
        Difference("", "", name, _text(stored[name]), How.ADDED, rule)
        for name, rule in _ADDED.items()
        if name not in claimed and stored.get(name) not in _NOTHING
    ]
    return (*found, *added)


def _difference(
    path: str, value: Any, stored: Mapping[str, object], inside: Mapping[str, Mapping[str, Any]]
) -> Difference:
    column, rule = _way(path)
    said = _text(value)
    if rule == "address":  # taken out at the door: an empty place on the log is where it stood
        return Difference(path, "", "", "", How.REMOVED, rule)
    if rule == "agent":
        kept = " · ".join(_text(stored.get(name)) for name in ("device", "os", "browser") if stored.get(name))
        return Difference(path, said, "device, os, browser", kept, How.CHANGED, rule)
    head, _, rest = column.partition(".")
    if head in inside:
        member = rest or path.partition(".")[2]
        if member in inside[head]:
            kept = _text(inside[head][member])
            return Difference(path, said, f"{head}.{member}", kept, How.SAME if kept == said else How.CHANGED, rule)
        return Difference(path, said, "", "", How.REMOVED, rule or "unused")
    if not column:
        return Difference(path, said, "", "", How.REMOVED, rule)
    kept = _text(stored.get(column))
    return Difference(path, said, column, kept, How.SAME if _is_same(said, kept) else How.CHANGED, rule)


def _way(path: str) -> tuple[str, str]:
    while path and path not in _WAYS:
        path = path.rpartition(".")[0]
    return _WAYS[path]


def _leaves(value: dict[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        path = f"{above}.{name}" if above else str(name)
        if isinstance(inner, dict) and inner:
            yield from _leaves(inner, path)
        else:
            yield path, inner


def _members(text: object) -> dict[str, Any]:
    try:
        value = read_json(str(text)) if text else {}
    except (ValueError, RecursionError):
        return {}
    return dict(_leaves(value, "")) if isinstance(value, dict) else {}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, str | Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _is_same(sent: str, stored: str) -> bool:
    if sent == stored:
        return True
    for read in (Decimal, datetime.fromisoformat):
        try:
            return bool(read(sent) == read(stored))
        except (InvalidOperation, ValueError, TypeError):
            continue
    return False
