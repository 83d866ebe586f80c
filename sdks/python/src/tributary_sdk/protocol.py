"""The pure part of the protocol: events, batches, requests, answers and pauses. See sdks/protocol.md."""

import base64
import json
import math
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple
from uuid import UUID

MAX_EVENT_BYTES = 32_768
MAX_BATCH_BYTES = 512_000
MAX_BATCH_EVENTS = 2_500
_ENVELOPE = 1_024
_LONGEST_WORD = 512
_LONGEST_PAUSE = 300_000
_WORDS = ("messageId", "anonymousId", "userId", "previousId", "groupId", "event", "name")


class Refused(ValueError):
    """The event cannot be sent; the text is the reason as the protocol names it."""


@dataclass(frozen=True)
class Problem:
    """An event of a batch that was not accepted."""

    index: int
    reason: str


class Verdict(NamedTuple):
    """What an answer means: done, retry or split, and which events were not accepted."""

    action: str
    problems: List[Problem]


class Request(NamedTuple):
    """What goes over the wire; *body* is not compressed yet."""

    url: str
    headers: Dict[str, str]
    body: bytes


def build_event(
    kind: str,
    fields: Mapping[str, Any],
    *,
    message_id: str,
    now: int,
    anonymous_id: Optional[str] = None,
    user_id: Optional[str] = None,
    context: Optional[Mapping[str, Any]] = None,
    consent: Any = None,
) -> bytes:
    """Return an event as JSON; *now* in milliseconds since 1970. Raises Refused."""
    members = {name: value for name, value in fields.items() if not _is_nothing(value)}
    around = dict(context or {})
    if consent or consent is False:
        around["consent"] = _said(consent)
    around.update(members.pop("context", {}))
    event: Dict[str, Any] = {"type": kind, "messageId": message_id, "timestamp": instant(now)}
    event.update({name: value for name, value in (("anonymousId", anonymous_id), ("userId", user_id)) if value})
    event.update(members, context=around)
    _check(event)
    raw = encode(event)
    if len(raw) > MAX_EVENT_BYTES:
        raise Refused("too_large")
    return raw


def instant(milliseconds: int) -> str:
    """Return ISO 8601 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(milliseconds // 1_000, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1_000:03d}Z"


def encode(value: Any) -> bytes:
    """Return *value* as compact JSON. Raises Refused for what JSON cannot hold."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain)
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise Refused("not_json") from error


def batches(
    sizes: Sequence[int], max_events: int = MAX_BATCH_EVENTS, max_bytes: int = MAX_BATCH_BYTES
) -> Tuple[List[List[int]], List[int]]:
    """Return the indexes of *sizes* by batch, and of those that no batch may hold."""
    found: List[List[int]] = []
    too_large: List[int] = []
    room = 0
    for index, size in enumerate(sizes):
        if size > MAX_EVENT_BYTES:
            too_large.append(index)
            continue
        if found and len(found[-1]) < max_events and size + 1 <= room:
            found[-1].append(index)
        else:
            found.append([index])
            room = max_bytes - _ENVELOPE
        room -= size + 1
    return found, too_large


def request(host: str, write_key: str, events: Sequence[bytes], now: int) -> Request:
    """Return the request that delivers *events*."""
    coded = base64.b64encode(f"{write_key}:".encode()).decode()
    headers = {"content-type": "application/json", "authorization": f"Basic {coded}"}
    body = b'{"batch":[' + b",".join(events) + b'],"sentAt":"' + instant(now).encode() + b'"}'
    return Request(f"{host.rstrip('/')}/v1/batch", headers, body)


def judge(status: int, body: str, count: int) -> Verdict:
    """Return what an answer to *count* events means; *status* 0 is no answer."""
    answer = _read(body)
    if status == 200 and _is_ours(answer.get("results"), count):
        return Verdict("done", _problems(answer["results"]))
    if status == 413:
        return Verdict("split", []) if count > 1 else Verdict("done", [Problem(0, "too_large")])
    if status in (400, 403, 422) and isinstance(answer.get("code"), str):
        if _is_ours(answer.get("errors"), count):
            return Verdict("done", _problems(answer["errors"]))
        return Verdict("split", []) if count > 1 else Verdict("done", [Problem(0, answer["code"])])
    return Verdict("retry", [])


def pause(attempt: int, random: float, retry_after: Optional[str] = None) -> int:
    """Return the milliseconds until the next attempt; *attempt* counts the failures, *random* is in [0, 1)."""
    if retry_after and retry_after.isascii() and retry_after.isdigit():
        seconds = int(retry_after) if len(retry_after) < 7 else 3_600  # Python reads no number of thousands of digits
        return min(seconds, 3_600) * 1_000 + math.floor(random * 1_000)
    top = min(_LONGEST_PAUSE, 1_000 << min(attempt - 1, 20))
    return math.floor(top / 2 + random * top / 2)


def _check(event: Mapping[str, Any]) -> None:
    kind, user_id, anonymous_id = event["type"], event.get("userId"), event.get("anonymousId")
    if kind == "track" and not event.get("event"):
        raise Refused("no_name")
    if not user_id and not anonymous_id:
        raise Refused("no_identity")
    if kind == "alias" and not (user_id and event.get("previousId")):
        raise Refused("no_identity")
    if kind == "group" and not event.get("groupId"):
        raise Refused("no_group")
    if any(len(str(event.get(word, ""))) > _LONGEST_WORD for word in _WORDS):
        raise Refused("too_long")


def _is_nothing(value: Any) -> bool:
    """Tell whether a member has no value: it takes the place of none, then."""
    return value is None or (isinstance(value, str) and not value)


def _said(consent: Any) -> Dict[str, Any]:
    """Return what the door reads of it: a word, or categories with words, numbers and flags."""
    if isinstance(consent, bool):
        return {"status": "granted" if consent else "denied"}
    if isinstance(consent, str):
        return {"status": consent}
    given = {name: one for name, one in consent.items() if isinstance(one, (str, int, float))}
    return {"categoryPreferences": given}


def _plain(value: Any) -> Any:
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _read(body: str) -> Dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _is_ours(results: Any, count: int) -> bool:
    """Tell whether an answer speaks of each event by its place, as only the door does."""
    places = range(count)
    return (
        isinstance(results, list)
        and len(results) == count
        and all(isinstance(one, dict) and type(one.get("index")) is int and one["index"] in places for one in results)
    )


def _problems(results: Sequence[Any]) -> List[Problem]:
    return [Problem(one["index"], str(one.get("reason", ""))) for one in results if one.get("status") != "accepted"]
