"""Sends live visits to collect at a steady rate, for a bounded time."""

import base64
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

from apps.reports.demo.live import Crowd, Request

_TICKS = 4  # batches a second
_TIMEOUT = 10


class CollectUnreachable(Exception):
    """Collect does not answer, or does not accept what the demo sends."""


@dataclass(slots=True)
class Sent:
    """What became of what was sent."""

    accepted: int = 0
    refused: int = 0
    clicks: int = 0
    events: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Keeps the answer of a link, whose target is a shop that does not exist."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


_opener = urllib.request.build_opener(_NoRedirect)


def send(
    *,
    collect_url: str,
    write_keys: Mapping[str, str],
    crowd: Crowd,
    rate: float,
    seconds: float,
    tell: Callable[[Sent, float], None],
) -> Sent:
    """Send about *rate* events a second for *seconds* and return what became of them.

    Raises CollectUnreachable. *tell* is called after every batch with what was sent and how long it has been.
    """
    sent, began = Sent(), time.monotonic()
    while (elapsed := time.monotonic() - began) < seconds:
        due = int(rate * min(seconds, elapsed + 1 / _TICKS)) - sent.events
        _send_batch(collect_url, write_keys, [crowd.next_request() for _ in range(max(due, 0))], sent)
        tell(sent, time.monotonic() - began)
        time.sleep(max(0.0, 1 / _TICKS - (time.monotonic() - began - elapsed)))
    return sent


def _send_batch(collect_url: str, write_keys: Mapping[str, str], requests: list[Request], sent: Sent) -> None:
    batches: dict[str, list[dict[str, object]]] = {}
    for request in requests:
        if request.link:
            query = urlencode({"aid": request.body["anonymousId"]})
            request.body["context"]["page"]["url"] = _click(f"{collect_url}/l/{request.link}?{query}")
            sent.clicks += 1
        stamped = {"messageId": str(uuid.uuid4()), "timestamp": datetime.now(UTC).isoformat(), **request.body}
        batches.setdefault(request.to, []).append(stamped)
    for stream, events in batches.items():
        sent.events += len(events)
        for result in _post(f"{collect_url}/v1/batch", write_keys[stream], events):
            if result["status"] == "accepted":
                sent.accepted += 1
            else:
                sent.refused += 1
                reason = str(result.get("reason", result["status"]))
                sent.reasons[reason] = sent.reasons.get(reason, 0) + 1


def _post(url: str, write_key: str, events: list[dict[str, object]]) -> list[dict[str, object]]:
    body = json.dumps({"batch": events, "sentAt": datetime.now(UTC).isoformat()}).encode()
    key = base64.b64encode(f"{write_key}:".encode()).decode()
    headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
    answer = json.loads(_open(urllib.request.Request(url, body, headers)))  # noqa: S310  the operator's own address
    results: list[dict[str, object]] = answer["results"]
    return results


def _click(url: str) -> str:
    """Click on a link and return where it leads."""
    browser = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}
    return _open(urllib.request.Request(url, headers=browser)).decode()  # noqa: S310  the operator's own address


def _open(request: urllib.request.Request) -> bytes:
    try:
        with _opener.open(request, timeout=_TIMEOUT) as answer:
            body: bytes = answer.read()
            return body
    except urllib.error.HTTPError as error:
        if error.code in {301, 302, 303, 307, 308}:
            return (error.headers.get("Location") or "").encode()
        if error.code == 429:
            time.sleep(min(float(error.headers.get("Retry-After") or 1), _TIMEOUT))
            return b'{"results": []}'
        raise CollectUnreachable(
            f"{request.full_url} answered {error.code}: {error.read(300).decode(errors='replace')}"
        ) from error
    except OSError as error:
        raise CollectUnreachable(f"{request.full_url} does not answer: {error}") from error
