"""End to end with everything on: what comes in at the door and into ClickHouse for minutes, and whether lag grows.

`python -m benchmarks.sustained --seconds 300`: stores, pages, collect, writer, worker and beat on this machine, and a
client that sends batches at a steady rate. The client shares the machine; what it costs is told apart.
"""

import argparse
import json
import socket
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from typing import NamedTuple

from apps.shared import behalf
from benchmarks import collection, load, machine, table

WANTED = 40_000  # events a second
_BATCH, _CONNECTIONS, _LOOK = 400, 4, 5.0
_DIFFERENT = 200  # bodies that are made before the clock runs: only their ids are new each time


class Sent(NamedTuple):
    """What the client saw, and the lag of the log in events, every few seconds."""

    accepted: int
    refused: int
    seconds: float
    client_seconds: float
    slowest: float
    lags: list[int]


def main() -> int:
    """Measure, print, and tell by the exit code whether it was sustained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--rate", type=int, default=WANTED, help="events a second")
    options = parser.parse_args()
    before = machine.speed()
    with machine.running_stores() as stores:
        import django

        django.setup()
        behalf.serve_everybody()
        key, _link = collection._property()
        with machine.running_processes(stores.layout):
            sent = _send(stores.layout.ports.collect, key, options.rate, options.seconds)
            drained = _drain()
        print(table.said_speed((before, machine.speed())))
        return _tell(sent, drained, options.rate)


def _send(port: int, key: str, rate: int, seconds: float) -> Sent:
    bodies, connections = _requests(key), [_open(port) for _ in range(_CONNECTIONS)]
    accepted = refused = number = 0
    slowest, lags = 0.0, []
    began, spent = time.monotonic(), time.process_time()
    look_at = began + _LOOK
    while (now := time.monotonic()) < began + seconds:
        due = int((now - began) * rate / _BATCH) - number
        if due <= 0:
            time.sleep(0.001)
            continue
        asked, connections = connections[:due], connections[due:]
        connections += asked  # each in turn, or the door closes the last ones as idle
        for one in asked:
            one.sendall(next(bodies))
        good = sum(_status(one) == 200 for one in asked)
        accepted, refused = accepted + good * _BATCH, refused + (len(asked) - good) * _BATCH
        number += len(asked)
        slowest = max(slowest, time.monotonic() - now)
        if now >= look_at:
            look_at += _LOOK
            lags.append(_lag())
    return Sent(accepted, refused, time.monotonic() - began, time.process_time() - spent, slowest, lags)


def _drain() -> float:
    """Return the seconds until the log was empty."""
    began = time.monotonic()
    while _lag() and time.monotonic() < began + 600:
        time.sleep(0.1)
    return time.monotonic() - began


def _lag() -> int:
    from apps.ingestion import wiring

    return wiring.event_log().lag() * _BATCH


def _tell(sent: Sent, drained: float, rate: int) -> int:
    from apps.shared import clickhouse

    half = len(sent.lags) // 2
    early, late = (sum(part) / max(len(part), 1) for part in (sent.lags[:half], sent.lags[half:]))
    (stored,) = clickhouse.select_for_platform("SELECT count() FROM events", int)
    found = {
        "events_per_second": round(sent.accepted / sent.seconds),
        "seconds": round(sent.seconds, 1),
        "accepted": sent.accepted,
        "not_accepted": sent.refused,
        "stored": stored,
        "lag_first_half": round(early),
        "lag_second_half": round(late),
        "empty_after_seconds": round(drained, 1),
        "slowest_answer_ms": round(sent.slowest * 1000),
        "client_share_of_a_core": round(sent.client_seconds / sent.seconds, 2),
    }
    print(json.dumps(found, indent=2))
    is_fast, is_steady = sent.accepted / sent.seconds >= rate * 0.98, late <= early * 1.5 + 2 * rate
    return int(not (is_fast and is_steady and stored == sent.accepted))


def _requests(key: str) -> Iterator[bytes]:
    """Yield requests without end; making a batch anew each time would cost the machine more than taking it."""
    head = "Authorization: Basic " + b64encode(f"{key}:".encode()).decode() + "\r\nContent-Type: application/json\r\n"
    bodies = [_body(number) for number in range(_DIFFERENT)]
    number = 0
    while True:
        mark = f"{number:012d}".encode()
        yield load.http("POST", "/v1/batch", bodies[number % _DIFFERENT].replace(b"#" * 12, mark), head)
        number += 1


def _body(number: int) -> bytes:
    person = number * _BATCH
    events = [
        {
            "type": "track",
            "event": "Order Completed" if one % 50 == 0 else "Product Viewed",
            "messageId": f"{'#' * 12}-{one}",
            "anonymousId": f"visitor-{person + one // 4}",
            "properties": {"revenue": 49.9, "currency": "EUR"} if one % 50 == 0 else {"sku": f"sku-{one % 40}"},
            "context": {
                "page": {"url": f"https://shop.example/p/{one % 40}?utm_source=news&utm_medium=email"},
                "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
                "locale": "en-GB",
            },
        }
        for one in range(_BATCH)
    ]  # fmt: skip
    return json.dumps({"batch": events}, separators=(",", ":")).encode()


def _open(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=60)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def _status(connection: socket.socket) -> int:
    seen = b""
    while b"\r\n\r\n" not in seen:
        part = connection.recv(1 << 18)
        if not part:
            raise ConnectionError("The door closed the connection.")
        seen += part
    head, _, rest = seen.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    left = length - len(rest)
    while left > 0:
        left -= len(connection.recv(min(left, 1 << 18)))
    return int(head[9:12])


if __name__ == "__main__":
    sys.exit(main())
