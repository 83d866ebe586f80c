"""What the door answers: results per event, and problem documents."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.http import HttpResponse

from apps.ingestion.domain.limits import Verdict
from apps.ingestion.services import ACCEPTED, Answer
from apps.shared import regions
from apps.shared.problems import problem

_STATUS = {"too_large": 413, "consent_denied": 403, "bot": 403, "bad_amount": 422, "bad_currency": 422}
_encode = msgspec.json.Encoder().encode


def with_headers(response: HttpResponse, headers: Mapping[str, str]) -> HttpResponse:
    """Return *response* with *headers*."""
    for name, value in headers.items():
        response.headers[name] = value
    response.headers["Content-Length"] = str(len(response.content))  # else every small answer travels in chunks
    return response


def document(body: bytes, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return *body*, which is JSON, as an answer."""
    return with_headers(HttpResponse(body, content_type="application/json"), headers or {})


def options(methods: str = "POST, OPTIONS") -> HttpResponse:
    """Answer a program that asks what it may do; browsers hear it from `apps.shared.cors`."""
    return with_headers(HttpResponse(status=204), {"Allow": methods})


def refused(
    status: int, reason: str, detail: str, *, headers: Mapping[str, str] | None = None, **extra: Any
) -> HttpResponse:
    """Return a problem document."""
    members = {name: value for name, value in extra.items() if value is not None}
    return with_headers(problem(status, reason, detail, **members), headers or {})


def unavailable(reason: str, detail: str) -> HttpResponse:
    """Answer that nothing was taken and that sending again will help."""
    return refused(503, reason, detail, headers={"Retry-After": "2"})


def misdirected(region: str) -> HttpResponse:
    """Answer that events of another region are not taken here, and where they are. Nothing of them was kept.

    421 and not a redirect: a client that followed it would send every event through the wrong region first.
    """
    host = regions.collect_url(region)
    if region not in regions.declared():
        detail = "It is not known here in which region the events of this property are kept. Send them again later."
        return unavailable("no_region", detail)
    detail = f"The events of this property are kept in the region {region}. Send them to {host} instead."
    return refused(421, "wrong_region", detail, region=region, collectUrl=host)


def elsewhere(region: str, path: str) -> HttpResponse:
    """Send a browser on to the same address in its own region, where it is counted: here nothing was."""
    if region not in regions.declared():
        return misdirected(region)
    headers = {"Location": f"{regions.collect_url(region)}{path}", "Cache-Control": "no-store"}
    return with_headers(HttpResponse(status=307), headers)


def limited(verdict: Verdict, *, now: float) -> HttpResponse:
    """Answer that a stream sends more than it may; nothing was taken, and the client knows when to come again."""
    detail = f"This stream may send {verdict.limit.per_second} events a second. Nothing was accepted; send it again."
    return refused(429, "too_many_requests", detail, headers=verdict.headers(now=now))


def results(answers: Sequence[Answer], *, is_batch: bool) -> HttpResponse:
    """Answer with what became of each event. 200 means that at least one is on the log; the rest says its reason."""
    dropped = [answer for answer in answers if answer.status != ACCEPTED]
    if len(dropped) == len(answers):
        return _nothing_accepted(dropped, is_batch=is_batch)
    body = _encode({"success": not dropped, "results": answers})
    return document(body)


def _nothing_accepted(dropped: Sequence[Answer], *, is_batch: bool) -> HttpResponse:
    first = dropped[0]
    statuses = {_STATUS.get(answer.reason or "", 400) for answer in dropped}
    status = statuses.pop() if len(statuses) == 1 else 400
    errors = [msgspec.to_builtins(answer) for answer in dropped]
    if is_batch:
        reasons = ", ".join(
            f"{reason} ({count})" for reason, count in Counter(a.reason for a in dropped).most_common(5)
        )
        detail = f"None of the {len(dropped)} events was accepted: {reasons}. The first: {first.detail}"
    else:
        detail = first.detail or "The event was not accepted."
    return refused(
        status,
        first.reason or "refused",
        detail,
        success=False,
        errors=errors,
        field=first.field,
        index=first.index,
        messageId=first.message_id or None,
    )
