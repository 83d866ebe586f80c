"""Rows from the client: which columns it is asked for, how they stream, what is left when it fails."""

import random
import socket
import time
from hashlib import sha256

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException

from tests.clickhouse_server import ClickHouseServer

TABLE = """
CREATE TABLE t (
    a UInt32, b String DEFAULT 'none', twice UInt64 MATERIALIZED a * 2, also UInt32 ALIAS a, raw String EPHEMERAL,
    c LowCardinality(String)
) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100
"""


@pytest.fixture
def table(client: Client) -> Client:
    client.execute(TABLE)
    return client


def test_insert_without_columns_asks_for_the_stored_ones(table: Client):
    table.execute("INSERT INTO t VALUES", [(1, "x", "y")])

    assert table.execute("SELECT a, b, c, twice, also FROM t") == [(1, "x", "y", 2, 1)]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t (c, a) VALUES",
        "insert into table t(c,a) values ",
        'INSERT INTO `t` (`c`, "a") FORMAT Native',
        "INSERT INTO t (c, a) SETTINGS max_insert_threads = 1 VALUES",
        "INSERT /* comment; */ INTO t -- here\n (c, a)",
        "INSERT INTO t (* EXCEPT (b)) VALUES",
    ],
)
def test_insert_with_columns_fills_the_rest_with_defaults(table: Client, statement: str):
    rows = [{"c": "y", "a": 1}]

    assert table.execute(statement, rows) == 1
    assert table.execute("SELECT a, b, c FROM t") == [(1, "none", "y")]


def test_inserts_that_bring_their_rows_need_no_blocks(table: Client):
    table.execute("INSERT INTO t (a, c) VALUES (1, 'x'), (2, 'y;')")
    table.execute("INSERT INTO t (a, c) SELECT a + 10, c FROM t")
    table.execute("INSERT INTO t (a, c) WITH 5 AS n SELECT n, 'z'")

    assert table.execute("SELECT a, c FROM t ORDER BY a") == [(1, "x"), (2, "y;"), (5, "z"), (11, "x"), (12, "y;")]


def test_unknown_column_is_refused_before_any_row(table: Client):
    with pytest.raises(ServerException) as caught:
        table.execute("INSERT INTO t (a, missing) VALUES", [(1, "x")])

    assert caught.value.code == 16


def test_rows_stream_in_many_blocks(table: Client):
    rows = ((number, "x" * (number % 300), "y") for number in range(250_000))

    table.execute("INSERT INTO t VALUES", rows, settings={"insert_block_size": 10_000})

    assert table.execute("SELECT count(), sum(a), sum(length(b)) FROM t") == [
        (250_000, sum(range(250_000)), sum(number % 300 for number in range(250_000)))
    ]


@pytest.mark.parametrize("is_compressed", [False, True])
def test_strings_of_every_size_arrive_whole(server: ClickHouseServer, *, is_compressed: bool):
    """Around each size at which their length, a piece or what is received at once grows by one."""
    edges = [0, 127, 128, 255, 256, 16_383, 16_384, 262_143, 262_144, 1_048_576, 2_097_151, 2_097_152]
    sizes = [max(edge + step, 0) for edge in edges for step in (-1, 0, 1)]
    sizes += [size for size in (3, 300, 130, 20_000) for _ in range(9_000 if size < 1000 else 50)]
    random.Random(3).shuffle(sizes)
    client = server.client(compression=is_compressed)
    client.execute("CREATE TEMPORARY TABLE sizes (at UInt32, short String, long String) ENGINE = Memory")

    rows = [(at, "s" * (size % 140), chr(97 + at % 26) * size) for at, size in enumerate(sizes)]
    client.execute("INSERT INTO sizes VALUES", rows)

    found = client.execute("SELECT at, short, lower(hex(SHA256(long))) FROM sizes ORDER BY at")
    assert found == [(at, short, sha256(long.encode()).hexdigest()) for at, short, long in rows]
    client.disconnect()


def test_insert_of_no_rows_changes_nothing(table: Client):
    assert table.execute("INSERT INTO t VALUES", []) == 0
    assert table.execute("SELECT count() FROM t") == [(0,)]


def test_token_decides_whether_a_block_is_a_repeat(table: Client):
    for token, value in (("log-1", 1), ("log-1", 2), ("log-2", 1)):
        table.execute("INSERT INTO t VALUES", [(value, "x", "y")], settings={"insert_deduplication_token": token})

    assert table.execute("SELECT a FROM t") == [(1,), (1,)]


def test_client_that_leaves_in_the_middle_leaves_no_rows(table: Client, server):
    database = table.execute("SELECT currentDatabase()")[0][0]
    leaving = server.client(database=database)
    leaving.execute("SELECT 1")
    connection = leaving.connection
    connection.send_query("INSERT INTO t (a) VALUES")
    connection.send_external_tables([])
    leaving.receive_sample_block()
    connection.socket.sendall(
        b"\x02\x00\x01\x00\x02\xff\xff\xff\xff\x00\x01\x64\x01a\x06UInt32\x00" + b"\x01\x00\x00\x00" * 50
    )
    connection.socket.shutdown(socket.SHUT_RDWR)

    time.sleep(0.3)
    assert table.execute("SELECT count() FROM t") == [(0,)]


def test_block_that_the_engine_refuses_fails_the_insert(table: Client):
    table.execute("CREATE TABLE strict (a UInt32, CONSTRAINT small CHECK a < 10) ENGINE = MergeTree ORDER BY a")

    with pytest.raises(ServerException) as caught:
        table.execute(
            "INSERT INTO strict VALUES", [(number,) for number in range(100_000)], settings={"insert_block_size": 1000}
        )

    assert caught.value.code == 469
    assert table.execute("SELECT count() FROM strict") == [(0,)]


def test_materialized_view_sees_inserted_rows(table: Client):
    table.execute(
        "CREATE MATERIALIZED VIEW v ENGINE = SummingMergeTree ORDER BY c AS SELECT c, count() AS n FROM t GROUP BY c"
    )

    table.execute("INSERT INTO t VALUES", [(1, "x", "y"), (2, "x", "y")])

    assert table.execute("SELECT c, sum(n) FROM v GROUP BY c") == [("y", 2)]


def test_view_that_fails_fails_the_insert(table: Client):
    table.execute("CREATE MATERIALIZED VIEW v ENGINE = Memory AS SELECT throwIf(a = 2) AS x FROM t")

    with pytest.raises(ServerException) as caught:
        table.execute("INSERT INTO t VALUES", [(1, "x", "y"), (2, "x", "y")])

    assert caught.value.code == 395


def test_lightweight_delete_and_update_take_effect(table: Client):
    table.execute("INSERT INTO t VALUES", [(1, "x", "y"), (2, "x", "y"), (3, "x", "y")])

    table.execute("DELETE FROM t WHERE a = 1")
    table.execute("ALTER TABLE t UPDATE b = 'new' WHERE a = 2", settings={"mutations_sync": 1})

    assert table.execute("SELECT a, b FROM t ORDER BY a") == [(2, "new"), (3, "x")]
