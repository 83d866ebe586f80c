"""The sender of live visits keeps to the limits of collect, waits when it is told to, and says how far behind it is."""

import json
import random
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from apps.reports.demo import posting
from apps.reports.demo.live import Crowd
from apps.reports.demo.sender import CollectUnreachable, Sent, send

KEYS = {"web": "w", "server": "s", "ios": "i", "android": "a"}


class Door:
    """A collect with the limits of the real one, which first gives the answers of *script*."""

    def __init__(self) -> None:
        self.script: list[tuple[int, str]] = []
        self.taken: list[str] = []
        self.sizes: list[tuple[int, int]] = []
        self.limit = 500 * 1024
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, body: bytes) -> tuple[int, str, dict[str, Any]]:
        """Return status, Retry-After and document."""
        if self.script:
            return *self.script.pop(0), {}
        events = json.loads(body)["batch"]
        if len(body) > self.limit or len(events) > 2_500:
            return 413, "", {"code": "too_large"}
        self.sizes.append((len(events), len(body)))
        self.taken += [event["messageId"] for event in events]
        return 200, "", {"results": [{"status": "accepted"} for _ in events]}


def _handler(door: Door) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, pause, document = door.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self._reply(status, json.dumps(document).encode(), {"Retry-After": pause} if pause else {})

        def do_GET(self) -> None:
            self._reply(302, b"", {"Location": "https://shop.example/"})

        def _reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.02,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def pauses() -> list[float]:
    """The seconds that the sender waited."""
    return []


def events(count: int, size: int = 100) -> list[dict[str, Any]]:
    """Return events of about *size* bytes."""
    return [{"messageId": f"m-{number}", "type": "page", "text": "x" * size} for number in range(count)]


@pytest.mark.parametrize(("count", "size"), [(6_000, 10), (3_000, 1_000), (40, 30_000), (1, 1), (0, 1)])
def test_batches_stay_below_the_limits(door: Door, count: int, size: int) -> None:
    results = list(posting.post_events(f"{door.url}/v1/batch", "k", events(count, size)))

    assert [one["status"] for one in results] == ["accepted"] * count
    assert door.taken == [f"m-{number}" for number in range(count)]


def test_smaller_limits_of_an_operator_are_found(door: Door) -> None:
    door.limit = 5_000

    assert len(list(posting.post_events(f"{door.url}/v1/batch", "k", events(100)))) == 100
    assert door.taken == [f"m-{number}" for number in range(100)]


@pytest.mark.parametrize("status", [429, 503])
def test_batch_that_was_turned_away_is_sent_again_after_the_pause(door: Door, pauses: list[float], status: int) -> None:
    """Nothing of it was accepted, so the same comes again: none is lost and none counts twice (R2)."""
    door.script = [(status, "3"), (status, "Sat, 28 Nov 2026 08:00:00 GMT"), (status, "")]

    results = list(posting.post_events(f"{door.url}/v1/batch", "k", events(5), pause=pauses.append))

    assert [one["status"] for one in results] == ["accepted"] * 5
    assert door.taken == [f"m-{number}" for number in range(5)]
    assert pauses == [3.0, 1.0, 1.0]


def test_batch_that_is_turned_away_for_ever_is_counted_and_not_the_end(door: Door, pauses: list[float]) -> None:
    door.script = [(429, "86400")] * 6

    results = list(posting.post_events(f"{door.url}/v1/batch", "k", events(2), pause=pauses.append))

    assert results == [{"status": "refused", "reason": "too_many_requests"}] * 2
    assert pauses == [30.0] * 5


def test_event_that_is_too_large_by_itself_is_counted(door: Door) -> None:
    door.limit = 50

    results = list(posting.post_events(f"{door.url}/v1/batch", "k", events(2)))

    assert results == [{"status": "refused", "reason": "too_large"}] * 2


def test_other_answers_end_the_sending(door: Door) -> None:
    door.script = [(401, "")]

    with pytest.raises(CollectUnreachable, match="401"):
        list(posting.post_events(f"{door.url}/v1/batch", "k", events(2)))


def test_two_thousand_a_second_are_sent_to_the_end(door: Door) -> None:
    told: list[Sent] = []

    sent = send(
        collect_url=door.url,
        write_keys=KEYS,
        crowd=Crowd(random.Random(1), 40),
        rate=2_000,
        seconds=2,
        tell=lambda now, _seconds: told.append(now),
    )

    assert sent.accepted == sent.events == len(door.taken)
    assert sent.events + sent.behind >= 3_900
    assert max(size for _, size in door.sizes) < 500 * 1024


def test_sender_that_cannot_keep_up_says_how_far_behind_it_is(door: Door) -> None:
    door.script = [(429, "1.2")]

    sent = send(
        collect_url=door.url,
        write_keys=KEYS,
        crowd=Crowd(random.Random(1), 5),
        rate=20,
        seconds=1,
        tell=lambda _sent, _seconds: None,
    )

    assert (sent.refused, sent.events + sent.behind) == (0, 20)
    assert sent.behind > 0
