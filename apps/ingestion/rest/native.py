"""`POST /v1/events`: conversions, clicks, impressions and ad spend from servers, once each, also when sent again."""

import hashlib
import itertools
from collections.abc import Callable, Sequence
from functools import cache
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from msgspec import Raw, Struct

from apps.ingestion import wiring
from apps.ingestion.domain import native
from apps.ingestion.domain.events import Dropped, End
from apps.ingestion.domain.ports import LogUnavailable
from apps.ingestion.domain.reading import NotJson, check_json, malformed, message_id_of
from apps.ingestion.domain.repeats import Kept, Repeat
from apps.ingestion.rest import answers, senders, views
from apps.ingestion.rest.bodies import BodyRefused, read_body
from apps.ingestion.services import Broken, Sender

LONGEST_KEY = 255
_MALFORMED = (msgspec.MsgspecError, UnicodeError, RecursionError, NotJson)


class Events(Struct, rename="camel", gc=False):
    """Several events in one request."""

    events: list[Raw] | None = None
    sent_at: str | int | float | None = None


_decode = msgspec.json.Decoder(Events).decode
_zone = cache(ZoneInfo)


def events(request: HttpRequest) -> HttpResponse:
    """Take events from a server."""
    if request.method == "OPTIONS":
        return answers.options()
    if request.method != "POST":
        return answers.refused(405, "wrong_method", "Send events with POST.", headers={"Allow": "POST, OPTIONS"})
    body, broken = b"", None
    try:
        body = read_body(request, limit=settings.INGESTION_MAX_BATCH_BYTES)
    except BodyRefused as error:
        broken = error
    write_key = senders.key_in_header(request) or senders.key_in_body(body) or senders.key_in_bearer(request)
    sender = views.let_in(request, write_key, body, broken, of_server=True)
    if not isinstance(sender, Sender):
        return sender
    key = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    if len(key) > LONGEST_KEY:
        return answers.refused(400, "bad_idempotency_key", f"An Idempotency-Key has at most {LONGEST_KEY} characters.")
    try:
        return _once(key, body, sender) if key else _accept(body, sender, None)
    except LogUnavailable:
        return views.log_unavailable()


def _once(key: str, body: bytes, sender: Sender) -> HttpResponse:
    """Answer a repeated request as the first one was answered."""
    about = sender.surroundings
    name = hashlib.sha256(f"{about.property_id}:{about.stream_id}:{key}".encode()).hexdigest()
    repeat = Repeat(name, hashlib.sha256(body).digest())
    # An answer is kept for a day. Who takes the key for something else later must not lose it as a repeat.
    own = f"{name[:24]}-{repeat.fingerprint.hex()[:16]}"
    answered = wiring.kept_answers(sender.region)
    kept = answered.begin(repeat)
    if kept is not None:
        return _again(kept, repeat)
    # Ids that follow from the key and the body keep events from counting twice even where the kept answer was lost.
    numbers = itertools.count()
    try:
        response = _accept(body, sender, lambda: f"idem-{own}-{next(numbers)}")
    except LogUnavailable:
        answered.forget(repeat)
        raise
    if response.status_code in (429, 503):
        answered.forget(repeat)
    else:
        content_type = response.headers["Content-Type"]
        body = _without_refused_ids(response.content)
        answered.keep(repeat, Kept(repeat.fingerprint, response.status_code, content_type, body))
    return response


def _without_refused_ids(answer: bytes) -> bytes:
    """Return *answer* as it may be kept: of who did not agree not even the id of an event stays anywhere (R8)."""
    if b'"consent_denied"' not in answer:
        return answer
    said = msgspec.json.decode(answer)
    for end in (*said.get("results", ()), *said.get("errors", ())):
        if end.get("reason") == "consent_denied":
            end["messageId"] = ""
    if said.get("code") == "consent_denied":
        said.pop("messageId", None)
    return msgspec.json.encode(said)


def _again(kept: Kept, repeat: Repeat) -> HttpResponse:
    if kept.fingerprint != repeat.fingerprint:
        detail = "This Idempotency-Key came before with another body. Use a new key for a new request."
        return answers.refused(422, "idempotency_key_reused", detail)
    if not kept.status:
        detail = "The first request with this Idempotency-Key is still being answered."
        return answers.refused(409, "idempotency_in_progress", detail, headers={"Retry-After": "1"})
    response = HttpResponse(kept.body, status=kept.status, content_type=kept.content_type)
    return answers.with_headers(response, {"Idempotent-Replayed": "true"})


def _accept(body: bytes, sender: Sender, new_id: Callable[[], str] | None) -> HttpResponse:
    try:
        sent = _decode(body)
    except _MALFORMED as error:
        return views.refuse_request(400, malformed(error), body, sender)
    several = sent.events
    if several is not None and not several:
        return views.refuse_request(400, Dropped(End.REFUSED, "empty", "There is no event.", "events"), body, sender)
    largest = settings.INGESTION_MAX_BATCH_EVENTS
    if several is not None and len(several) > largest:
        detail = f"A request has at most {largest} events, this one {len(several)}."
        return views.refuse_request(413, Dropped(End.REFUSED, "too_many", detail, "events"), b"", sender)
    raws = [body] if several is None else [bytes(raw) for raw in several]
    return views.accept_events(
        _translated(raws, sender),
        "",
        sender,
        sent.sent_at,
        is_batch=several is not None,
        kinds=native.KINDS,
        new_id=new_id,
    )


def _translated(raws: Sequence[bytes], sender: Sender) -> list[bytes | Broken]:
    zone = _zone(sender.surroundings.time_zone)
    return [_translate(raw, zone) for raw in raws]


def _translate(raw: bytes, zone: ZoneInfo) -> bytes | Broken:
    if len(raw) > settings.INGESTION_MAX_EVENT_BYTES:
        return raw  # it is refused for its size, unread
    try:
        check_json(raw)
        outcome = native.translated(raw, zone=zone)
    except _MALFORMED as error:
        return Broken(message_id_of(raw), malformed(error), raw)
    return Broken(message_id_of(raw), outcome, raw) if isinstance(outcome, Dropped) else outcome
