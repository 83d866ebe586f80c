"""How many events one worker of `collect` takes, each on the log before its answer.

`python -m benchmarks.collect --port 8001 --pid PID --key KEY --link SLUG` against a running collect with one worker.

Two rates are told apart. `per_second` is what the client saw: the client, the log and whatever else runs on the machine
took their share of its processors. `per_core_second` is what collect did in a second of its own processor time, that
is on one core of collect.
"""

import argparse
import base64
import itertools
import json
import os
import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from benchmarks import load, processor

_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/{version}.0.0.0 Safari/537.36"
)
_PEOPLE = 50_000
_RUN = os.urandom(4).hex()
_numbers = itertools.count()


def event(rng: random.Random) -> dict[str, object]:
    """Return an event of about 700 bytes, as a browser library sends it."""
    number, person = next(_numbers), rng.randrange(_PEOPLE)
    url = f"https://shop.example/products/{rng.randrange(500)}?utm_source=google&utm_medium=cpc&utm_campaign=spring"
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"bench-{_RUN}-{number}",
        "anonymousId": f"person-{person}",
        "timestamp": "2026-05-01T12:00:00.123Z",
        "properties": {"product_id": f"p-{rng.randrange(500)}", "price": 19.5, "currency": "EUR", "category": "shoes"},
        "context": {
            "library": {"name": "analytics.js", "version": "2.1"},
            "locale": "en-GB",
            "userAgent": _AGENT.format(version=rng.randrange(100, 130)),
            "page": {"url": url, "path": "/products", "referrer": "https://www.google.com/", "title": "Shoes"},
        },
    }


def lean_event(rng: random.Random) -> dict[str, object]:
    """Return an event of about 300 bytes, as a server sends it: a thousand of them fit into one request."""
    return {
        "type": "track",
        "event": "Order Shipped",
        "messageId": f"bench-{_RUN}-{next(_numbers)}",
        "userId": f"person-{rng.randrange(_PEOPLE)}",
        "timestamp": "2026-05-01T12:00:00.123Z",
        "properties": {"order_id": f"o-{rng.randrange(500_000)}", "carrier": "post"},
        "context": {"library": {"name": "analytics-python", "version": "2.3"}},
    }


def requests(key: str, per_request: int, seed: int = 1) -> Iterator[bytes]:
    """Yield requests with *per_request* new events each."""
    rng = random.Random(seed)
    authorization = f"Authorization: Basic {base64.b64encode(f'{key}:'.encode()).decode()}\r\n"
    headers = authorization + "Content-Type: application/json\r\n"
    while True:
        if per_request == 1:
            yield load.http("POST", "/v1/track", json.dumps(event(rng)).encode(), headers)
        else:
            one = lean_event if per_request >= 1_000 else event
            batch = {"batch": [one(rng) for _ in range(per_request)]}
            yield load.http("POST", "/v1/batch", json.dumps(batch).encode(), headers)


# Events of a request, connections, and how many requests a second are made beforehand: making an event costs as much
# as taking it.
_LOADS = ((1, 16, 5_000), (100, 8, 1_000), (1_000, 8, 150))
RATE = 3_000  # redirects a second that one core is asked for
EMPTY_WHEN_ASKED = 3_200  # events a second that an empty view of Django REST framework took when rates were asked for


class Found(NamedTuple):
    """What one load run found: rates of events, waits in milliseconds, and how often each status was answered."""

    per_second: int
    per_core_second: int
    p50: float
    p99: float
    statuses: dict[int, int]


def measure(
    port: int, key: str, link: str, seconds: float, *, busy: Callable[[], float], clear: Callable[[], object] = bool,
    empty: int = EMPTY_WHEN_ASKED,
) -> dict[str, Found]:  # fmt: skip
    """Return what was found for single events ("1"), batches ("100", "1000") and redirects ("link").

    Waits at full load are those of a queue that never empties, so redirects come once more at the rate that is asked,
    and at the one that is as hard here, where an empty view takes *empty* events a second. *clear* empties the log
    before each: one that is nearly full, with nobody to read it, is another measurement.
    """
    found = {}
    for size, connections, most in _LOADS:
        clear()
        ready = list(itertools.islice(requests(key, size), int(seconds * most)))
        found[str(size)] = _run(port, itertools.cycle(ready).__next__, connections, seconds, busy, size)
    clicks = itertools.cycle(_clicks(link)).__next__
    clear()
    found["link"] = _run(port, clicks, 16, seconds, busy, 1)
    found["link at its rate"] = _run(port, clicks, 16, seconds, busy, 1, rate=RATE)
    clear()
    found["link as hard"] = _run(port, clicks, 16, seconds, busy, 1, rate=RATE * empty / EMPTY_WHEN_ASKED)
    return found


def measure_empty(
    port: int, path: str, seconds: float, *, busy: Callable[[], float], rate: float | None = None
) -> Found:
    """Return what was found for single events at a door that does nothing with them."""
    rng = random.Random(2)
    bodies = [json.dumps(event(rng)).encode() for _ in range(1_000)]
    ready = [load.http("POST", path, body, "Content-Type: application/json\r\n") for body in bodies]
    return _run(port, itertools.cycle(ready).__next__, 16, seconds, busy, 1, rate=rate)


def _clicks(link: str) -> list[bytes]:
    """Return a click of each of as many people as events come from: those of one person would be double clicks."""
    agent = f"User-Agent: {_AGENT.format(version=120)}\r\n"
    return [load.http("GET", f"/l/{link}?aid=person-{number}", headers=agent) for number in range(_PEOPLE)]


def _run(
    port: int, request: Callable[[], bytes], connections: int, seconds: float, busy: Callable[[], float], size: int,
    *, rate: float | None = None,
) -> Found:  # fmt: skip
    load.run(port, request, connections=connections, seconds=seconds / 8)  # caches fill, threads start
    before = busy()
    result = load.run(port, request, connections=connections, seconds=seconds, rate=rate)
    events, used = len(result.waits) * size, busy() - before
    return Found(
        round(result.per_second * size),
        round(events / used) if used else 0,
        round(result.percentile(0.5), 2),
        round(result.percentile(0.99), 2),
        dict(result.statuses),
    )


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--pid", type=int, required=True, help="of collect; its workers are counted with it")
    parser.add_argument("--key", required=True)
    parser.add_argument("--link", required=True)
    parser.add_argument("--seconds", type=float, default=5.0)
    chosen = parser.parse_args()
    busy = processor.clock(chosen.pid)
    for name, found in measure(chosen.port, chosen.key, chosen.link, chosen.seconds, busy=busy).items():
        print(json.dumps({"what": name, **found._asdict()}))


if __name__ == "__main__":
    main()
