"""What hides a request in another, or a client behind another: one answer a request, and limits that hold (R9, R11)."""

import json
import os
import re
import socket
import time
from base64 import b64encode
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from apps.ingestion import services
from apps.ingestion.models import StreamLimit
from apps.orgs.models import Stream
from tests.factories.company import Company
from tests.ingestion.processes import Process, collect

pytestmark = [pytest.mark.stores, pytest.mark.clickhouse]

GERMAN, AMERICAN = "5.1.83.46", "8.8.8.8"


@pytest.fixture
def key(living_company: Company) -> str:
    return living_company.shop.streams.exclude(name="Limited").get().write_key


def event(key: str, message_id: str = "m-1") -> bytes:
    return json.dumps({"writeKey": key, "userId": "ann", "event": "x", "messageId": message_id}).encode()


def head(*lines: str, path: str = "/v1/track", method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *lines, "", ""]).encode("latin-1")


def chunks(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))


def answered(port: int, *sent: bytes, pause: float = 0.0) -> tuple[list[int], bytes]:
    """Send bytes as they are; return the statuses of all answers until the server closes or falls silent."""
    with socket.create_connection(("127.0.0.1", port), 10) as wire:
        wire.settimeout(1.5)
        said = b""
        try:
            for part in sent:
                wire.sendall(part)
                time.sleep(pause)
            while part := wire.recv(65_536):
                said += part
        except OSError:  # silence, or the server had heard enough
            pass
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", said)], said


def hidden(key: str) -> bytes:
    """Return a request that must never be taken for one when it stands in the body of another."""
    body = event(key, "hidden")
    return head(f"Content-Length: {len(body)}") + body


CONFLICTS = {
    "both, length first": ["Content-Length: {length}", "Transfer-Encoding: chunked"],
    "both, chunks first": ["Transfer-Encoding: chunked", "Content-Length: {length}"],
    "two lengths": ["Content-Length: 5", "Content-Length: {length}"],
    "list of lengths": ["Content-Length: 5, {length}"],
    "length with a sign": ["Content-Length: +{length}"],
    "negative length": ["Content-Length: -1"],
    "length in hex": ["Content-Length: 0x10"],
    "blank before the colon": ["Transfer-Encoding : chunked", "Content-Length: 5"],
    "unknown coding": ["Transfer-Encoding: xchunked", "Content-Length: 5"],
    "coding twice": ["Transfer-Encoding: chunked", "Transfer-Encoding: identity", "Content-Length: 5"],
    "coding behind a tab": ["Transfer-Encoding:\tchunked", "Content-Length: 5"],
    "coding folded": ["Transfer-Encoding:", " chunked", "Content-Length: 5"],
    "coding in odd case": ["transfer-encoding: ChUnKeD", "Content-Length: {length}"],
    "vertical tab": ["Transfer-Encoding: \x0bchunked", "Content-Length: 5"],
    "header hidden by a bare line feed": ["X: y\nTransfer-Encoding: chunked", "Content-Length: 5"],
    "nul in a name": ["Content\0-Length: 5", "Content-Length: {length}"],
}


@pytest.mark.parametrize("lines", CONFLICTS.values(), ids=CONFLICTS)
def test_two_words_on_the_length_make_no_second_request(running_collect: Process, key: str, lines: list[str]) -> None:
    inner = hidden(key)
    body = chunks(b"{}") + inner
    named = [line.format(length=len(body)) for line in lines]

    statuses, said = answered(running_collect.port, head(*named) + body)

    # Either it is refused and the connection closed, or one length counts. A proxy that drops neither header may read
    # it the other way, so what follows on this connection is nobody's.
    assert b'"hidden"' not in said, (statuses, said)
    assert all(status < 500 for status in statuses)


def test_pipelined_requests_are_answered_one_by_one(running_collect: Process, key: str) -> None:
    several = [event(key, f"m-{number}") for number in range(20)]

    statuses, said = answered(
        running_collect.port, b"".join(head(f"Content-Length: {len(body)}") + body for body in several)
    )

    assert statuses == [200] * 20
    assert [int(number) for number in re.findall(rb'"m-(\d+)"', said)] == list(range(20))


def test_rest_of_a_body_that_was_refused_is_no_request(running_collect: Process, key: str) -> None:
    """413 comes before the body is read; what follows of it must not be read as the next request."""
    large = b" " * 600_000 + hidden(key)

    by_length, said = answered(running_collect.port, head(f"Content-Length: {len(large)}"), large)
    by_chunks, too = answered(running_collect.port, head("Transfer-Encoding: chunked"), chunks(large))

    assert (by_length, by_chunks) in (([413], [413]), ([401], [401]))
    assert b'"hidden"' not in said + too


@pytest.mark.parametrize("size", ["ffffffffffffffff", "-1", "0x5", "5;" + "x" * 20_000, "", "g"])
def test_odd_sizes_of_chunks_break_nothing(running_collect: Process, key: str, size: str) -> None:
    statuses, said = answered(
        running_collect.port, head("Transfer-Encoding: chunked") + size.encode() + b"\r\n" + hidden(key)
    )

    assert b'"hidden"' not in said
    assert all(400 <= status < 500 for status in statuses), statuses


def test_chunked_event_counts_as_any_other(running_collect: Process, key: str) -> None:
    body = event(key)

    statuses, _ = answered(
        running_collect.port, head("Transfer-Encoding: chunked") + chunks(*(bytes([byte]) for byte in body))
    )

    assert statuses == [200]


def test_client_that_waits_for_leave_gets_it(running_collect: Process, key: str) -> None:
    body = event(key)
    expects = head("Expect: 100-continue", f"Content-Length: {len(body)}")

    taken, _ = answered(running_collect.port, expects, body, pause=0.3)
    too_large, _ = answered(running_collect.port, head("Expect: 100-continue", "Content-Length: 9000000"), pause=0.3)
    odd, _ = answered(running_collect.port, head("Expect: 200-ok", f"Content-Length: {len(body)}") + body)

    assert taken == [100, 200]
    assert too_large in ([401], [413])
    assert odd in ([200], [417])


@pytest.fixture
def limited(living_company: Company, django_db_blocker: DjangoDbBlocker) -> Iterator[Stream]:
    """A stream that may send one event now, and another in a thousand seconds."""
    with django_db_blocker.unblock():
        stream = Stream.objects.create(property=living_company.shop, kind="server", name="Limited")
        StreamLimit.objects.create(stream=stream, per_second=1, burst=1, made_by=living_company.ada)
        yield stream
        stream.delete()


def test_limit_holds_however_the_key_comes(running_collect: Process, limited: Stream) -> None:
    """Other places and spellings of the key, other addresses, other ways into the same stream: one bucket."""
    key = limited.write_key
    basic = b64encode(f"{key}:".encode()).decode()
    body = event(key)
    data = b64encode(body).decode()
    hit = json.dumps({"client_id": "c", "events": [{"name": "x"}]}).encode()

    def request(*lines: str, body: bytes = body, path: str = "/v1/track", method: str = "POST") -> bytes:
        return head(*lines, f"Content-Length: {len(body)}", path=path, method=method) + body

    ways = [
        request(),
        request(f"Authorization: Basic {basic}"),
        request(f"authorization: bASIC  {basic}"),
        request(f"Authorization: Basic {b64encode(f'{key}:other'.encode()).decode()}"),
        request(f"Authorization: Bearer {key}", body=body.replace(key.encode(), b"")),
        request(f"X-Forwarded-For: {GERMAN}", "X-Real-IP: 1.2.3.4", "Forwarded: for=1.2.3.4"),
        request(path="/v1/t"),
        request(path="/v1/track/"),
        request(path="/v1/batch", body=b'{"writeKey": "%s", "batch": [%s]}' % (key.encode(), body)),
        request(path="/v1/events", body=body.replace(b'"userId"', b'"type": "conversion", "userId"')),
        request(path=f"/mp/collect?api_secret={key}", body=hit),
        request(path=f"/v1/pixel/track?data={data}", method="GET", body=b""),
        request(f"Authorization: Basic {basic}", body=b"{" + body),
        request(body=body.replace(b"ann", b"")),
    ]

    def statuses() -> list[int]:
        return answered(running_collect.port, b"".join(ways))[0]

    found = statuses()

    assert len(found) == len(ways)
    assert set(found[1:]) == {429} or found.count(200) <= 2, found  # a slow machine may have had its next second
    assert set(found) == {200, 429}


def test_key_of_another_case_is_no_key(running_collect: Process, limited: Stream) -> None:
    body = event(limited.write_key.swapcase())

    assert answered(running_collect.port, head(f"Content-Length: {len(body)}") + body)[0] == [401]


def test_wrong_bodies_of_a_limited_stream_are_limited_too(running_collect: Process, limited: Stream) -> None:
    """Each would otherwise leave a row, and its beginning for three days: as many as anybody likes."""
    authorized = f"Authorization: Basic {b64encode(f'{limited.write_key}:'.encode()).decode()}"
    wrong = [b"{", b'{"batch": []}', b"[1]", b"\xff", b'{"batch": 5}'] * 4

    statuses, _ = answered(
        running_collect.port,
        b"".join(head(authorized, f"Content-Length: {len(one)}", path="/v1/batch") + one for one in wrong),
    )

    assert len(statuses) == len(wrong)
    assert statuses.count(400) <= 3, statuses
    assert statuses.count(429) >= len(wrong) - 3


OF_OTHERS = [
    [f"X-Forwarded-For: {AMERICAN}, {GERMAN}"],
    [f"X-Forwarded-For: {AMERICAN}", f"X-Forwarded-For: {GERMAN}"],
    [f"X-Forwarded-For: {AMERICAN}", f"x-forwarded-for: {GERMAN}"],
    [f"X-Forwarded-For: {AMERICAN},,, {GERMAN} , "],
]
OF_ITS_OWN = [
    [f"Clientaddress: {GERMAN}", f"X-Forwarded-For: {AMERICAN}"],
    [f"Clientaddress: {GERMAN}", f"Client-Address: {AMERICAN}", f"Client_Address: {AMERICAN}"],
    [f"clientaddress: {GERMAN}", f"HTTP_CLIENTADDRESS: {AMERICAN}"],
]


@pytest.mark.parametrize(("header", "forged"), [("X-Forwarded-For", OF_OTHERS), ("Clientaddress", OF_ITS_OWN)])
def test_client_cannot_choose_its_country_before_a_proxy(
    living_company: Company, django_db_blocker: DjangoDbBlocker, header: str, forged: list[list[str]]
) -> None:
    """Germany is asked, America is not: who forges a header is believed no more than the proxy says (R8)."""
    asking = living_company.theirs  # no other test sends to it, and the tests may come in any order
    with django_db_blocker.unblock():
        services.change_consent(property_id=asking.pk, made_by=living_company.mallory, asks_in=["DE"])
        body = event(asking.streams.get().write_key)
    believing = {**os.environ, "INGESTION_TRUSTED_PROXIES": "1", "INGESTION_PROXY_HEADER": header}
    with collect(believing) as door:

        def status(*lines: str) -> int:
            return answered(door.port, head(*lines, f"Content-Length: {len(body)}") + body)[0][0]

        assert status(f"{header}: {AMERICAN}") == 200
        assert [status(*lines) for lines in forged] == [403] * len(forged)
