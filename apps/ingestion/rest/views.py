"""The door of events: `POST /v1/track` and its siblings, in the protocol of Segment."""

import time
import uuid
from collections.abc import Callable, Sequence

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.ingestion import services, wiring
from apps.ingestion.domain.events import SENDABLE_KINDS, Dropped, End
from apps.ingestion.domain.limits import Verdict
from apps.ingestion.domain.payload import NO_JSON, Batch, decode_batch
from apps.ingestion.domain.ports import LogUnavailable
from apps.ingestion.domain.reading import NotJson, check_json, malformed, with_context
from apps.ingestion.domain.tokens import BadToken
from apps.ingestion.domain.turned_away import MOST_IDS
from apps.ingestion.rest import answers, noting, senders
from apps.ingestion.rest.bodies import BodyRefused, read_body
from apps.ingestion.services import Broken, Sender
from apps.orgs import api as orgs
from apps.shared import metrics, regions

View = Callable[[HttpRequest], HttpResponse]
_RETRY = "Nothing was accepted. Send the same events again in a moment; nothing will count twice."
_PLACE = "the user name of Basic auth"
_accepted = metrics.events_processed.labels("accepted")


def call(kind: str) -> View:
    """Return the view of one call; *kind* is empty for a batch, whose events say it themselves."""

    def view(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            return _collect(request, kind)
        if request.method == "OPTIONS":
            return answers.options()
        return answers.refused(405, "wrong_method", "Send events with POST.", headers={"Allow": "POST, OPTIONS"})

    view.__name__ = f"collect_{kind or 'batch'}"
    view.csrf_exempt = True  # type: ignore[attr-defined]  # write keys, not cookies, open this door
    return view


def _collect(request: HttpRequest, kind: str) -> HttpResponse:
    body, broken = b"", None
    try:
        body = read_body(request, limit=settings.INGESTION_MAX_BATCH_BYTES)
    except BodyRefused as error:
        broken = error
    return collect(request, body, broken, kind)


def collect(request: HttpRequest, body: bytes, broken: BodyRefused | None, kind: str) -> HttpResponse:
    """Answer what became of the events in *body*; *broken* is why the body could not be read, if so."""
    write_key = senders.key_in_header(request) or senders.key_in_body(body) or senders.key_in_bearer(request)
    sender = let_in(request, write_key, body, broken)
    if not isinstance(sender, Sender):
        return sender
    try:
        return _accept_batch(body, sender) if not kind else accept_events([body], kind, sender, None, is_batch=False)
    except LogUnavailable:
        return log_unavailable()


def let_in(
    request: HttpRequest,
    write_key: str,
    body: bytes,
    broken: BodyRefused | None,
    *,
    place: str = _PLACE,
    of_server: bool = False,
) -> Sender | HttpResponse:
    """Return who sends, or the answer to a request that does not come in.

    *place* is where the write key belongs; *of_server* tells that servers send here, not machines of persons.
    """
    received_at = time.time_ns() // 1_000_000
    try:
        stream = senders.stream_of(write_key)
    except wiring.SOURCE_DOWN:
        return answers.unavailable("keys_unavailable", f"The write key cannot be checked just now. {_RETRY}")
    if stream is None:
        return _without_stream(write_key, broken, place)
    region = stream.property.region
    elsewhere = _not_here(request, stream, body)
    if elsewhere is not None:
        return elsewhere
    try:
        request_id = getattr(request, "request_id", "")
        sender = Sender(senders.surroundings(request, stream, of_server=of_server), received_at, request_id, region)
    except wiring.SOURCE_DOWN:
        noting.note(
            property_id=stream.property.id, stream_id=stream.id, region=region,
            status=503, reason="consent_unavailable", bodies=[body],
        )  # fmt: skip
        return consent_unavailable()
    if broken is not None:
        return refuse_request(broken.status, Dropped(End.REFUSED, broken.reason, broken.detail), body, sender)
    return sender


def _not_here(request: HttpRequest, stream: orgs.StreamInfo, body: bytes) -> HttpResponse | None:
    """Return the answer to who belongs to another region, or has not proven itself as the stream wants."""
    region = stream.property.region
    if not regions.is_served(region):
        _count_dropped("wrong_region")
        return answers.misdirected(region)
    problem = senders.token_problem(request, stream)
    if problem is None:
        return None
    noting.note(
        property_id=stream.property.id, stream_id=stream.id, region=region,
        status=401, reason=problem.code, bodies=[body],
    )  # fmt: skip
    return _not_proven(problem)


def consent_unavailable() -> HttpResponse:
    """Answer that nothing was accepted, because it could not be known, or kept, what a person agreed to."""
    _count_dropped("consent_unavailable")
    return answers.unavailable("consent_unavailable", f"Consent cannot be looked up just now. {_RETRY}")


def log_unavailable() -> HttpResponse:
    """Answer that nothing was accepted, because it could not be put on disk."""
    _count_dropped("log_unavailable")
    return answers.unavailable("log_unavailable", f"The event log does not answer. {_RETRY}")


def _accept_batch(body: bytes, sender: Sender) -> HttpResponse:
    try:
        batch = decode_batch(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        return refuse_request(400, malformed(error), body, sender)
    largest = settings.INGESTION_MAX_BATCH_EVENTS
    if len(batch.batch) > largest:
        detail = f"A batch has at most {largest} events, this one {len(batch.batch)}."
        _note(413, "too_many", [bytes(raw) for raw in batch.batch[:MOST_IDS]], sender)
        return refuse_request(413, Dropped(End.REFUSED, "too_many", detail, "batch"), b"", sender)
    unfolded = too_unfolded(batch.batch, len(batch.context), "context")
    if unfolded is not None:
        return refuse_request(413, unfolded, body, sender)
    if not batch.batch:
        return refuse_request(400, Dropped(End.REFUSED, "empty", "The batch holds no event.", "batch"), body, sender)
    try:
        events = _events_of(batch)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, NotJson) as error:
        return refuse_request(400, malformed(error), body, sender)
    return accept_events(events, "", sender, batch.sent_at, is_batch=True)


def too_unfolded(events: Sequence[msgspec.Raw], shared: int, field: str) -> Dropped | None:
    """Return the refusal of *events* that are too large once each holds the *shared* bytes of *field*, if they are."""
    largest = settings.INGESTION_MAX_UNFOLDED_BYTES
    if shared * len(events) + sum(map(len, events)) <= largest:
        return None
    detail = f"With what it states for all, a request has at most {largest} bytes. Send fewer events at once."
    return Dropped(End.REFUSED, "too_large", detail, field)


def _events_of(batch: Batch) -> list[bytes]:
    """Return the events as bytes of their own, each with the context that the batch states for all."""
    events = [bytes(raw) for raw in batch.batch]
    if batch.context in (NO_JSON, b"null"):
        return events
    check_json(bytes(batch.context))
    return [with_context(raw, batch.context) for raw in events]


def accept_events(
    events: Sequence[bytes | Broken],
    kind: str,
    sender: Sender,
    sent_at: str | float | None,
    *,
    is_batch: bool,
    kinds: frozenset[str] = SENDABLE_KINDS,
    new_id: Callable[[], str] | None = None,
) -> HttpResponse:
    """Put events on the log and answer what became of each. Raises LogUnavailable."""
    verdict = _verdict(sender, len(events))
    if verdict is not None and not verdict.is_passed:
        _note(429, "too_many_requests", events, sender)
        return _limited(verdict, len(events))
    try:
        ends = services.accept(
            events,
            kind=kind,
            sender=sender,
            batch_sent_at=sent_at,
            largest=settings.INGESTION_MAX_EVENT_BYTES,
            new_id=new_id or _new_id,
            log=wiring.event_log(sender.region),
            kinds=kinds,
        )
    except wiring.SOURCE_DOWN:
        _note(503, "consent_unavailable", events, sender)
        return consent_unavailable()
    except LogUnavailable:
        _note(503, "log_unavailable", events, sender)
        raise
    dropped = [end for end in ends if end.status != services.ACCEPTED]
    _accepted.inc(len(ends) - len(dropped))
    for end in dropped:
        _count_dropped(end.reason or "")
    response = answers.results(ends, is_batch=is_batch)
    return response if verdict is None else answers.with_headers(response, verdict.headers(now=time.time()))


def _verdict(sender: Sender, events: int) -> Verdict | None:
    """Return whether the stream may send so much now; None where it has no limit."""
    stream_id = sender.surroundings.stream_id
    try:
        limit = wiring.limit_of()(stream_id)
    except wiring.SOURCE_DOWN:
        return None
    return None if limit is None else wiring.buckets(sender.region).take(str(stream_id), limit, events)


def _limited(verdict: Verdict, events: int) -> HttpResponse:
    metrics.events_processed.labels("limited").inc(events)
    return answers.limited(verdict, now=time.time())


def refuse_request(status: int, dropped: Dropped, body: bytes, sender: Sender) -> HttpResponse:
    """Refuse a whole request, findably. A log that is down does not make a wrong body right: the answer stays.

    It counts against the stream's limit as one event, or wrong bodies could fill the log where right ones cannot.
    """
    verdict = _verdict(sender, 1)
    if verdict is not None and not verdict.is_passed:
        return _limited(verdict, 1)
    _count_dropped(dropped.reason)
    if body:
        _note(status, dropped.reason, [body], sender)
    try:
        services.refuse(dropped, body=body, sender=sender, log=wiring.event_log(sender.region))
    except LogUnavailable:
        _count_dropped("log_unavailable")
    return answers.refused(status, dropped.reason, dropped.detail, success=False, field=dropped.field or None)


def _note(status: int, reason: str, bodies: Sequence[object], sender: Sender) -> None:
    about = sender.surroundings
    noting.note(
        property_id=about.property_id, stream_id=about.stream_id, region=sender.region,
        status=status, reason=reason, bodies=bodies,
    )  # fmt: skip


def _without_stream(write_key: str, broken: BodyRefused | None, place: str) -> HttpResponse:
    if broken is not None and not write_key:
        _count_dropped(broken.reason)
        return answers.refused(broken.status, broken.reason, broken.detail)
    _count_dropped("unknown_write_key")
    detail = "No stream has this write key." if write_key else f"Send the write key as {place}."
    return answers.refused(
        401, "unknown_write_key", detail, field="writeKey", headers={"WWW-Authenticate": 'WriteKey realm="collection"'}
    )


def _not_proven(problem: BadToken) -> HttpResponse:
    _count_dropped(problem.code)
    error = "" if problem.code == "token_required" else ', error="invalid_token"'
    return answers.refused(
        401, problem.code, problem.detail, headers={"WWW-Authenticate": f'Bearer realm="collection"{error}'}
    )


def _count_dropped(reason: str) -> None:
    metrics.events_processed.labels("refused").inc()
    metrics.events_dropped.labels(reason).inc()


def _new_id() -> str:
    return f"srv-{uuid.uuid4()}"
