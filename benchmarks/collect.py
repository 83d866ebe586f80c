"""How many events one worker of `collect` takes, each on the log before its answer.

`python -m benchmarks.collect --port 8001 --key KEY --link SLUG` against a running collect with one worker. The load
client runs on the same machine: what it uses of the processor, collect does not have.
"""

import argparse
import base64
import itertools
import json
import os
import random
from collections.abc import Iterator

from benchmarks import load

_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/{version}.0.0.0 Safari/537.36"
)
_RUN = os.urandom(4).hex()
_numbers = itertools.count()


def event(rng: random.Random) -> dict[str, object]:
    """Return an event of about 700 bytes, as a browser library sends it."""
    number, person = next(_numbers), rng.randrange(50_000)
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


def requests(key: str, per_request: int, seed: int = 1) -> Iterator[bytes]:
    """Yield requests with *per_request* new events each."""
    rng = random.Random(seed)
    authorization = f"Authorization: Basic {base64.b64encode(f'{key}:'.encode()).decode()}\r\n"
    headers = authorization + "Content-Type: application/json\r\n"
    while True:
        if per_request == 1:
            yield load.http("POST", "/v1/track", json.dumps(event(rng)).encode(), headers)
        else:
            batch = {"batch": [event(rng) for _ in range(per_request)]}
            yield load.http("POST", "/v1/batch", json.dumps(batch).encode(), headers)


def measure(port: int, key: str, link: str, seconds: float) -> list[dict[str, object]]:
    """Return one row for single events, batches of 100, and redirects."""
    rows = []
    for per_request, connections in ((1, 16), (100, 8)):
        # Made beforehand: making an event costs as much as taking it.
        ready = list(
            itertools.islice(requests(key, per_request), int(seconds * (6_000 if per_request == 1 else 1_500)))
        )
        result = load.run(port, iter([*ready, *ready]).__next__, connections=connections, seconds=seconds)
        rows.append(_row(f"collect: {per_request} event(s) a request, {connections} connections", result, per_request))
    follow = load.http("GET", f"/l/{link}?aid=bench", headers=f"User-Agent: {_AGENT.format(version=120)}\r\n")
    result = load.run(port, lambda: follow, connections=8, seconds=seconds)
    rows.append(_row("collect: link redirect, 8 connections", result, 1))
    return rows


def _row(name: str, result: load.Result, per_request: int) -> dict[str, object]:
    return {
        "what": name,
        "events_per_second": round(result.per_second * per_request),
        "p50_ms": round(result.percentile(0.5), 2),
        "p99_ms": round(result.percentile(0.99), 2),
        "statuses": dict(result.statuses),
    }


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--key", required=True)
    parser.add_argument("--link", required=True)
    parser.add_argument("--seconds", type=float, default=5.0)
    chosen = parser.parse_args()
    for row in measure(chosen.port, chosen.key, chosen.link, chosen.seconds):
        print(json.dumps(row))


if __name__ == "__main__":
    main()
