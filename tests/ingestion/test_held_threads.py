"""Bodies that never come hold no thread for longer than a request may take, whatever went before them (R11, R12)."""

import http.client
import json
import socket
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.factories.company import Company
from tests.ingestion.processes import Process

pytestmark = pytest.mark.stores

SECONDS = 15 + 10  # for a request, and for a machine that is busy
EVENT = json.dumps({"userId": "ann", "event": "Look"}).encode()


@pytest.fixture
def head(living_company: Company) -> bytes:
    basic = b64encode(f"{living_company.shop.streams.get().write_key}:".encode()).decode()
    return f"POST /v1/track HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {basic}\r\n".encode()


@pytest.fixture
def wires() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def connected(wires: ExitStack, port: int, source: str, sent: bytes) -> socket.socket:
    wire = wires.enter_context(socket.create_connection(("127.0.0.1", port), SECONDS, (source, 0)))
    wire.sendall(sent)
    return wire


def heard(wire: socket.socket) -> bytes:
    """Return all that comes until the server closes. Raises TimeoutError if it does not."""
    said = b""
    while part := wire.recv(65_536):
        said += part
    return said


def test_body_that_never_comes_is_ended_whatever_was_answered_before(
    running_collect: Process, head: bytes, wires: ExitStack
) -> None:
    port, half = running_collect.port, b"Content-Length: 500\r\n\r\n{"
    whole = head + b"Content-Length: %d\r\n\r\n" % len(EVENT) + EVENT
    told_to_go_on = connected(wires, port, "127.0.3.2", head + b"Expect: 100-continue\r\n" + half[:-1])
    behind_another = connected(wires, port, "127.0.3.3", whole + head + half)

    assert b"408 Request Timeout" in heard(told_to_go_on)
    assert b"408 Request Timeout" in heard(behind_another)


def test_who_pauses_between_requests_is_served_while_others_are_slow(
    running_collect: Process, head: bytes, wires: ExitStack
) -> None:
    slow = connected(wires, running_collect.port, "127.0.3.4", head + b"Content-Length: 500\r\n\r\n{")
    patient = http.client.HTTPConnection("127.0.0.1", running_collect.port, timeout=SECONDS)
    patient.auto_open = False
    patient.connect()
    basic = head.decode().partition("Authorization: ")[2].strip()

    for _ in range(4):
        patient.request("POST", "/v1/track", EVENT, {"Authorization": basic})
        assert b'"success":true' in patient.getresponse().read()
        time.sleep(6)

    assert b"408 Request Timeout" in heard(slow)
