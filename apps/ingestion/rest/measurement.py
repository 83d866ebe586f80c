"""`POST /mp/collect` and `/debug/mp/collect`: Google Analytics' Measurement Protocol.

`api_secret` is the write key of a stream. The answer is 204 as there, but only for events that were accepted: what
was not is told as everywhere at this door.
"""

import time

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.ingestion.domain import measurement, measurement_rules
from apps.ingestion.domain.events import Dropped, End
from apps.ingestion.domain.measurement import Hit
from apps.ingestion.domain.ports import LogUnavailable
from apps.ingestion.domain.reading import NotJson, check_depth, malformed
from apps.ingestion.rest import answers, views
from apps.ingestion.rest.bodies import BodyRefused, read_body
from apps.ingestion.services import Broken, Sender

_MALFORMED = (msgspec.MsgspecError, UnicodeError, RecursionError, NotJson)


def collect(request: HttpRequest) -> HttpResponse:
    """Take events as Google Analytics does."""
    wrong_method = _wrong_method(request)
    if wrong_method is not None:
        return wrong_method
    body, broken = b"", None
    try:
        body = read_body(request, limit=settings.INGESTION_MAX_BATCH_BYTES)
    except BodyRefused as error:
        broken = error
    secret = request.GET.get("api_secret", "")
    sender = views.let_in(request, secret, body, broken, place="`api_secret` in the address", of_server=True)
    if not isinstance(sender, Sender):
        return sender
    try:
        return _accept(body, sender)
    except LogUnavailable:
        return views.log_unavailable()


def debug(request: HttpRequest) -> HttpResponse:
    """Say what is wrong with a request, and take nothing of it."""
    wrong_method = _wrong_method(request)
    if wrong_method is not None:
        return wrong_method
    try:
        body = read_body(request, limit=settings.INGESTION_MAX_BATCH_BYTES)
    except BodyRefused as error:
        return answers.refused(error.status, error.reason, error.detail)
    found = measurement_rules.findings(body, now=time.time_ns() // 1_000_000)
    return answers.document(msgspec.json.encode({"validationMessages": [message.as_document() for message in found]}))


def _accept(body: bytes, sender: Sender) -> HttpResponse:
    try:
        check_depth(body)  # NUL in a text costs its event alone, which is told when it is read
        hit = measurement.decode_hit(body)
    except _MALFORMED as error:
        return views.refuse_request(400, malformed(error), body, sender)
    if not hit.events:
        return views.refuse_request(400, Dropped(End.REFUSED, "empty", "There is no event.", "events"), body, sender)
    if len(hit.events) > settings.INGESTION_MAX_BATCH_EVENTS:
        dropped = Dropped(End.REFUSED, "too_many", "There are too many events.", "events")
        return views.refuse_request(413, dropped, b"", sender)
    unfolded = views.too_unfolded(hit.events, len(body) - sum(map(len, hit.events)), "events")
    if unfolded is not None:
        return views.refuse_request(413, unfolded, body, sender)
    events = [_translate(hit, number) for number in range(len(hit.events))]
    response = views.accept_events(events, "", sender, None, is_batch=True)
    if response.status_code != 200 or b'"success":false' in response.content:
        return response  # some events were not accepted: the results say which and why
    rates = {name: response[name] for name in response.headers if name.startswith("X-Rate")}
    return answers.with_headers(HttpResponse(status=204), rates)


def _translate(hit: Hit, number: int) -> bytes | Broken:
    raw = hit.events[number]
    try:
        return measurement.translated(hit, raw, number)
    except _MALFORMED as error:
        return Broken("", malformed(error), bytes(raw))


def _wrong_method(request: HttpRequest) -> HttpResponse | None:
    if request.method == "OPTIONS":
        return answers.options()
    if request.method != "POST":
        return answers.refused(405, "wrong_method", "Send events with POST.", headers={"Allow": "POST, OPTIONS"})
    return None
