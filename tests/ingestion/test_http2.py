"""The door speaks HTTP/1.1 alone: streams of HTTP/2 would hold every thread behind a few connections (R11, R12)."""

import json
import socket
import time
from base64 import b64encode
from contextlib import ExitStack

import pytest

from tests.factories.company import Company
from tests.ingestion.processes import Process
from tests.ingestion.test_fuzz import Wire

pytestmark = pytest.mark.stores

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, HEADERS, END_HEADERS = 4, 1, 4
STREAMS, ADDRESSES = 100, 4  # more bodies on their way than a process has threads, no address beyond its share


def frame(kind: int, flags: int, stream: int, content: bytes = b"") -> bytes:
    return len(content).to_bytes(3) + bytes((kind, flags)) + stream.to_bytes(4) + content


def opened(key: str) -> bytes:
    """Return the bytes that announce a hundred bodies, none of which ever comes."""
    basic = "Basic " + b64encode(f"{key}:".encode()).decode()
    fields = {":method": "POST", ":scheme": "http", ":path": "/v1/track", ":authority": "x", "authorization": basic}
    # Literal fields without indexing, as RFC 7541 writes those that are shorter than 127 characters.
    head = b"".join(
        b"\0" + b"".join(bytes((len(text),)) + text.encode() for text in field)
        for field in {**fields, "content-length": "60"}.items()
    )
    streams = (frame(HEADERS, END_HEADERS, 1 + 2 * number, head) for number in range(STREAMS))
    return PREFACE + frame(SETTINGS, 0, 0) + b"".join(streams)


def test_streams_without_bodies_hold_up_nobody(running_collect: Process, living_company: Company) -> None:
    key = living_company.shop.streams.get().write_key
    event = json.dumps({"writeKey": key, "userId": "ann", "event": "Look"}).encode()
    began = time.monotonic()

    with ExitStack() as wires:
        for number in range(ADDRESSES):
            address = ("127.0.0.1", running_collect.port)
            wire = wires.enter_context(socket.create_connection(address, 10, (f"127.0.2.{number + 1}", 0)))
            wire.sendall(opened(key))
        time.sleep(1)
        status, _, _ = Wire(running_collect.port).ask("POST", "/v1/track", event, {})

    assert status == 200
    assert time.monotonic() - began < 10
