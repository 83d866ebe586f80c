"""Clients that send a byte now and then, and ten thousand that send nothing: others are served (R11, R12)."""

import json
import os
import resource
import socket
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from benchmarks import load
from tests.faults.conftest import LONG, Figures
from tests.ingestion.chaos_house import KEY, House

AUTH = "Authorization: Basic " + b64encode(f"{KEY}:".encode()).decode() + "\r\n"
POST = f"POST /v1/track HTTP/1.1\r\nHost: x\r\n{AUTH}"
SLOW, IDLE = 400, 10_000
SECONDS = 30 if LONG else 20
HEADS = {
    "head": (b"POST /v1/track HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"x"),
    "body": (f"{POST}Content-Length: 9000\r\n\r\n".encode(), b" "),
    "chunks": (f"{POST}Transfer-Encoding: chunked\r\n\r\n".encode(), b"1\r\n \r\n"),
    "silence": (f"{POST}Content-Length: 9000\r\n\r\n".encode(), b""),
    "told to go on": (f"{POST}Expect: 100-continue\r\nContent-Length: 9000\r\n\r\n".encode(), b""),
    "behind another": (f"{POST}Content-Length: 2\r\n\r\n{{}}{POST}Content-Length: 9000\r\n\r\n".encode(), b""),
}  # fmt: skip

pytestmark = [pytest.mark.chaos, pytest.mark.e2e, pytest.mark.xdist_group("house")]


@contextmanager
def connections(port: int, count: int, *, source: str) -> Iterator[list[socket.socket]]:
    """Open connections from an address of their own."""
    opened: list[socket.socket] = []
    try:
        for _ in range(count):
            opened.append(socket.create_connection(("127.0.0.1", port), 20, (source, 0)))  # noqa: PERF401  to close all
        yield opened
    finally:
        for one in opened:
            one.close()


def request() -> bytes:
    """Return one event as a quick client sends it."""
    body = json.dumps({"userId": "q", "event": "Look", "messageId": f"quick-{time.monotonic_ns()}"})
    return load.http("POST", "/v1/track", body.encode(), AUTH)


def memory_of(house: House) -> float:
    """Return the megabytes of the largest process of the door."""
    parent = house.processes["collect"].popen.pid
    pids = [str(parent), *Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    pages = max(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.parametrize("kind", HEADS)
def test_slow_clients_hold_nobody_up_and_are_sent_away(house: House, figures: Figures, kind: str) -> None:
    port = house.processes["collect"].port
    begin, drip = HEADS[kind]
    quick = load.Result()
    with connections(port, SLOW, source="127.0.0.2") as slow:
        for one in slow:
            one.sendall(begin)
            one.settimeout(0)
        ended: set[int] = set()
        for _ in range(SECONDS):
            for number, one in enumerate(slow):
                with suppress(BlockingIOError):
                    try:
                        if drip:
                            one.send(drip)
                        if not one.recv(4_096):
                            ended.add(number)
                    except (ConnectionError, BrokenPipeError):
                        ended.add(number)
            found = load.run(port, request, connections=4, seconds=1.0)
            quick.waits += found.waits
            quick.statuses += found.statuses
        memory = memory_of(house)

    figures.add(
        f"{SLOW} slow clients ({kind}, a byte a second) for {SECONDS} s",
        f"others: {len(quick.waits):,} requests {dict(quick.statuses)}, p99 {quick.percentile(0.99):.0f} ms; "
        f"{len(ended)} slow ones were sent away; collect {memory:.0f} MB",
    )
    assert set(quick.statuses) == {200}
    assert quick.percentile(0.99) < 1_000
    assert len(ended) > SLOW * 0.9
    assert memory < 300


def test_ten_thousand_idle_connections_leave_room_for_others(house: House, figures: Figures) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < IDLE + 1_000:
        pytest.skip(f"a process may open {hard} files here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port = house.processes["collect"].port  # one process of the door, where `make up` has two
    try:
        with connections(port, IDLE, source="127.0.0.3") as idle:
            for one in idle[: IDLE // 2]:  # half of them have been served before, and keep their connection
                one.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                assert one.recv(4_096).startswith(b"HTTP/1.1 200")
            found = load.run(port, request, connections=8, seconds=5.0)
            memory = memory_of(house)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    figures.add(
        f"{IDLE:,} open idle connections to one process",
        f"others: {len(found.waits):,} requests {dict(found.statuses)}, p99 {found.percentile(0.99):.0f} ms; "
        f"collect {memory:.0f} MB",
    )
    assert set(found.statuses) == {200}
    assert found.percentile(0.99) < 1_000
    assert memory < 400
