"""No bytes on the socket end the server: generated, cut, and aimed ones. Afterwards it answers as before."""

import random
import socket
import struct
import time
from pathlib import Path

import pytest

from tests.clickhouse_server import ClickHouseServer

HELLO = b"\x00\x0aClickHouse\x01\x01\xbb\xa9\x03\x00\x07default\x00"  # revision 54459
ADDENDUM = b"\x00"
CLIENT = b"\x01\x00\x00\x070.0.0.0" + bytes(8) + b"\x01\x00\x00\x00\x01\x01\xbb\xa9\x03\x00\x00\x01\x00\x00\x00\x00"
END_OF_TABLES = b"\x02\x00\x01\x00\x02\xff\xff\xff\xff\x00\x00\x00"
ROUNDS = 400


def query(text: bytes, settings: bytes = b"") -> bytes:
    size = bytes([len(text) & 0x7F | 0x80, len(text) >> 7])
    return b"\x01\x00" + CLIENT + settings + b"\x00\x00\x02\x00" + size + text + b"\x00"


def block(type_name: bytes, rows: int, content: bytes) -> bytes:
    head = b"\x02\x00\x01\x00\x02\xff\xff\xff\xff\x00\x01" + bytes([rows]) + b"\x01a"
    return head + bytes([len(type_name)]) + type_name + b"\x00" + content


SELECT = HELLO + ADDENDUM + query(b"SELECT number, toString(number) FROM numbers(1000)") + END_OF_TABLES
INSERT = (
    HELLO + ADDENDUM + query(b"INSERT INTO default.target VALUES") + END_OF_TABLES
    + block(b"String", 2, b"\x01x\x01y") + END_OF_TABLES
)  # fmt: skip


def talk(server: ClickHouseServer, content: bytes) -> bytes:
    """Send bytes, end the sending side, and return all that comes back."""
    answer = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        try:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(1 << 16):
                answer += part
        except (ConnectionResetError, BrokenPipeError):
            pass  # the server had heard enough
    return answer


def hear(server: ClickHouseServer, content: bytes) -> bytes:
    """Send bytes and listen to the end of the answer, without ending the sending side: that would be leaving."""
    answer = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(content)
        while not answer.endswith(b"\x05") and (part := connection.recv(1 << 16)):
            answer += part
    return answer


@pytest.fixture(autouse=True)
def still_answers(server: ClickHouseServer):
    server.execute("CREATE TABLE IF NOT EXISTS default.target (a String) ENGINE = Null")
    known = len(server.failures())
    yield
    assert server.process.poll() is None
    assert server.execute("SELECT 1") == [(1,)]
    assert server.failures()[known:] == []  # that would be an error of ours that nobody foresaw


def test_the_conversations_below_are_right_when_left_alone(server: ClickHouseServer):
    assert (SELECT[:1], hear(server, SELECT)[-1:]) == (b"\x00", b"\x05")
    assert hear(server, INSERT)[-1:] == b"\x05"


def test_result_without_rows_has_columns_that_are_no_text(server: ClickHouseServer):
    answer = hear(server, HELLO + ADDENDUM + query(rb"SELECT 1 AS `a\xff` WHERE 0") + END_OF_TABLES)

    assert b"\x02a\xff\x05UInt8" in answer
    assert answer[-1:] == b"\x05"


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_are_survived(server: ClickHouseServer, seed: int):
    rng = random.Random(seed)
    for _ in range(ROUNDS):
        talk(server, rng.randbytes(rng.randrange(1, 400)))


@pytest.mark.parametrize("conversation", [SELECT, INSERT], ids=["select", "insert"])
@pytest.mark.parametrize("seed", range(3))
def test_damaged_conversations_are_survived(server: ClickHouseServer, seed: int, conversation: bytes):
    rng = random.Random(seed)
    for _ in range(ROUNDS):
        damaged = bytearray(conversation)
        for _ in range(rng.randrange(1, 6)):
            damaged[rng.randrange(len(damaged))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        talk(server, bytes(damaged))


@pytest.mark.parametrize("conversation", [SELECT, INSERT], ids=["select", "insert"])
def test_conversations_cut_anywhere_are_survived(server: ClickHouseServer, conversation: bytes):
    for end in range(len(conversation)):
        talk(server, conversation[:end])


@pytest.mark.parametrize(
    "content",
    [
        HELLO + b"\xff" * 40,
        HELLO + ADDENDUM + b"\x01" + b"\xff" * 9 + b"\x01",
        b"\x00" + b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        HELLO + ADDENDUM + query(b"SELECT '\xff\xfe\x00'") + END_OF_TABLES,
        HELLO + ADDENDUM + query(b"\x00" * 100) + END_OF_TABLES,
        HELLO + ADDENDUM + query(b"(" * 10000) + END_OF_TABLES,
        HELLO + ADDENDUM + query(b"INSERT INTO " + b"(" * 5000) + END_OF_TABLES,
        HELLO + ADDENDUM + query(b"SELECT 1", b"\x05bogus\x01\x03abc") + END_OF_TABLES,
        HELLO + ADDENDUM + b"\x02\x00" + b"\x01\x00\x02\xff\xff\xff\xff\x00" + b"\xff\xff\xff\x7f\x01",
        HELLO + ADDENDUM + b"\x09",
        HELLO + ADDENDUM + HELLO,
    ],
)
def test_aimed_bytes_are_answered_with_an_exception_or_a_close(server: ClickHouseServer, content: bytes):
    answer = talk(server, content)

    assert answer == b"" or answer[0] in {0, 2}


@pytest.mark.parametrize(
    ("type_name", "content"),
    [
        (b"Array(" * 15 + b"UInt8" + b")" * 15, b"\xff" * 8),
        (b"Array(UInt8)", struct.pack("<QQ", 1, 1 << 62)),
        (b"Array(Nothing)", struct.pack("<QQ", 1 << 63, 1 << 63)),
        (b"LowCardinality(String)", struct.pack("<QQQ", 1, 0x20F, 1 << 60)),
        (b"LowCardinality(String)", struct.pack("<QQQQ", 1, 0x200, 0, 5)),
        (b"FixedString(9999999)", b"x" * 100),
        (b"Decimal(999, 1)", b"x" * 100),
        (b"Enum8('a' = 1", b"\x01\x01"),
        (b"Tuple(", b"\x01"),
        (b"Dynamic", b"\x01" * 20),
        (b"AggregateFunction(sum, UInt8)", b"\x01" * 20),
        (b"String", b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),
        (b"UInt64", b"\x01" * 16),
        (b"No such type", b"\x01"),
        (b"", b""),
    ],
)
def test_block_with_a_wrong_column_is_answered_with_an_exception_or_a_close(
    server: ClickHouseServer, type_name: bytes, content: bytes
):
    start = HELLO + ADDENDUM + query(b"INSERT INTO default.target VALUES") + END_OF_TABLES

    answer = talk(server, start + block(type_name, 2, content))

    assert answer[0] == 0  # its Hello; what follows is a header and an exception, or nothing
    assert answer[-1:] != b"\x05"


def test_many_half_open_connections_leave_room(server: ClickHouseServer):
    waiting = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(200)]

    assert server.execute("SELECT 2") == [(2,)]
    for connection in waiting:
        connection.close()


def test_connection_over_the_limit_is_told_why_and_room_comes_back(server: ClickHouseServer):
    waiting = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(600)]
    answer = waiting[-1].recv(1000)
    for connection in waiting:
        connection.close()

    assert b"connections are open" in answer
    end = time.monotonic() + 20
    while talk(server, SELECT)[-1:] != b"\x05" or open_sockets(server) > 50:
        assert time.monotonic() < end, "closed connections are still held"
        time.sleep(0.1)


def open_sockets(server: ClickHouseServer) -> int:
    """Count the sockets that the server process holds."""
    links = Path(f"/proc/{server.process.pid}/fd").iterdir()
    return sum(target(link).startswith("socket:") for link in links)


def target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:  # closed in the meantime
        return ""
