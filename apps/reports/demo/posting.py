"""Batches over HTTP: cut to what collect takes, and sent again when it says that it takes nothing for now."""

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

Event = dict[str, Any]
Result = dict[str, Any]

MOST_EVENTS = 2_000  # in a batch; collect takes 2,500
MOST_BYTES = 400_000  # of its events; collect takes 500 KB with all that stands around them
_TRIES = 6
_TIMEOUT = 10.0
_LONGEST_PAUSE = 30.0  # seconds
_TURNED_AWAY = {429: "too_many_requests", 503: "unavailable"}
_TOO_LARGE = 413


class CollectUnreachable(Exception):
    """Collect does not answer, or does not accept what the demo sends."""


class Answer(NamedTuple):
    """What came back: the status, how long to wait before the next try, and the body."""

    status: int
    pause: float
    body: bytes
    location: str = ""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Keeps the answer of a link, whose target is a shop that does not exist."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


_opener = urllib.request.build_opener(_NoRedirect)


def post_events(
    url: str, write_key: str, events: list[Event], *, pause: Callable[[float], None] = time.sleep
) -> Iterator[Result]:
    """Yield what became of each event of *events*, in as many batches as it takes. Raises CollectUnreachable."""
    for batch in cut(events):
        yield from _post(url, write_key, batch, pause)


def cut(events: list[Event]) -> Iterator[list[Event]]:
    """Yield *events* in batches that stay below the limits of collect."""
    batch: list[Event] = []
    size = 0
    for event in events:
        length = len(json.dumps(event)) + 2
        if batch and (len(batch) >= MOST_EVENTS or size + length > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += length
    if batch:
        yield batch


def click(url: str, *, pause: Callable[[float], None] = time.sleep) -> str:
    """Click on a link and return where it leads; nowhere when collect is too busy. Raises CollectUnreachable."""
    browser = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}
    return _tried(urllib.request.Request(url, headers=browser), pause).location  # noqa: S310  the operator's address


def _post(url: str, write_key: str, events: list[Event], pause: Callable[[float], None]) -> Iterator[Result]:
    body = json.dumps({"batch": events, "sentAt": datetime.now(UTC).isoformat()}).encode()
    key = base64.b64encode(f"{write_key}:".encode()).decode()
    headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
    answer = _tried(urllib.request.Request(url, body, headers), pause)  # noqa: S310  the operator's own address
    if answer.status == _TOO_LARGE and len(events) > 1:  # an operator may have set smaller limits
        middle = len(events) // 2
        yield from _post(url, write_key, events[:middle], pause)
        yield from _post(url, write_key, events[middle:], pause)
    elif answer.status == _TOO_LARGE or answer.status in _TURNED_AWAY:
        reason = _TURNED_AWAY.get(answer.status, "too_large")
        yield from ({"status": "refused", "reason": reason} for _ in events)
    else:
        yield from json.loads(answer.body)["results"]


def _tried(request: urllib.request.Request, pause: Callable[[float], None]) -> Answer:
    """Ask again as long as collect turns the request away, with the pauses that it asks for."""
    for left in reversed(range(_TRIES)):
        answer = _ask(request)
        if answer.status not in _TURNED_AWAY or not left:
            break
        pause(answer.pause)
    return answer


def _ask(request: urllib.request.Request) -> Answer:
    try:
        with _opener.open(request, timeout=_TIMEOUT) as answer:
            return Answer(answer.status, 0.0, answer.read())
    except urllib.error.HTTPError as error:
        if error.code in {301, 302, 303, 307, 308}:
            return Answer(error.code, 0.0, b"", error.headers.get("Location") or "")
        if error.code in _TURNED_AWAY or error.code == _TOO_LARGE:
            return Answer(error.code, _seconds(error.headers.get("Retry-After")), b"")
        told = error.read(300).decode(errors="replace")
        raise CollectUnreachable(f"{request.full_url} answered {error.code}: {told}") from error
    except OSError as error:
        raise CollectUnreachable(f"{request.full_url} does not answer: {error}") from error


def _seconds(said: str | None) -> float:
    try:
        return min(max(float(said or 1), 0.1), _LONGEST_PAUSE)
    except ValueError:  # a date, as proxies may write
        return 1.0
