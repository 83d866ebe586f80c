"""Conversations with an unmodified clickhouse-driver."""

import socket
import sys
import types
from concurrent.futures import ThreadPoolExecutor

import pytest
import zstandard
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException

from tests.clickhouse_server import start_clickhouse

BOUND = {"server_side_params": True}


def test_ping_is_answered_and_hello_tells_the_engine(server):
    client = server.client()

    assert client.execute("SELECT version()")[0][0].startswith(
        "{}.{}.".format(*client.connection.server_info.version_tuple())
    )
    assert client.connection.server_info.name == "ClickHouse"
    assert client.connection.ping() is True
    client.disconnect()


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        (r"SELECT throwIf(1, 'bad \xff text')", 395),
        (r"SELECT materialize('\xff')::UInt8", 6),
        (r"SELECT missing('\xff')", 46),
        (r"INSERT INTO FUNCTION null('a String') SELECT throwIf(1, '\xff')", 395),
        (r"DROP TABLE `\xfe`", 60),
        (r"USE `\xff`", 81),
    ],
)
def test_error_that_quotes_bytes_which_are_no_text_arrives(client: Client, sql: str, code: int):
    with pytest.raises(ServerException) as refused:
        client.execute(sql)

    assert refused.value.code == code
    assert r"\xf" in refused.value.message


@pytest.mark.parametrize(
    ("sql", "code", "name"),
    [
        ("SELECT * FROM missing", 60, "UNKNOWN_TABLE"),
        ("SELEC 1", 62, "SYNTAX_ERROR"),
        ("SELECT missing", 47, "UNKNOWN_IDENTIFIER"),
        ("SELECT throwIf(number = 70000) FROM numbers(100000)", 395, "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"),
        ("DROP DATABASE missing", 81, "UNKNOWN_DATABASE"),
        ("INSERT INTO missing SELECT 1", 60, "UNKNOWN_TABLE"),
        ("SELECT 1; SELECT 2", 62, "SYNTAX_ERROR"),
        ("2", 62, "SYNTAX_ERROR"),
        ("", 62, "SYNTAX_ERROR"),
    ],
)
def test_failed_query_gets_the_code_and_name_of_clickhouse(client: Client, sql: str, code: int, name: str):
    with pytest.raises(ServerException) as caught:
        client.execute(sql)

    assert (caught.value.code, name in caught.value.message) == (code, True)


def test_connection_goes_on_after_a_failed_query(server):
    """The driver closes after an error, so this speaks through one that does not."""
    client = server.client()
    client.execute("SELECT 1")
    connection = client.connection
    connection.send_query("SELECT * FROM missing")
    connection.send_external_tables([])

    assert connection.receive_packet().exception.code == 60
    assert connection.ping() is True
    client.disconnect()


def test_result_without_rows_still_names_its_columns(client: Client):
    client.execute("CREATE TABLE t (a UInt8, b DateTime('UTC')) ENGINE = MergeTree ORDER BY a")

    assert client.execute("SELECT b, a FROM t -- none", with_column_types=True) == (
        [],
        [("b", "DateTime('UTC')"), ("a", "UInt8")],
    )
    assert client.execute("SHOW TABLES LIKE 'none'", with_column_types=True) == ([], [("name", "String")])
    assert client.execute("SELECT a FROM t WHERE a = {a:UInt8};", {"a": 5}, settings=BOUND) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FORMAT JSON",
        "SELECT 1;",
        "(SELECT 1)",
        "/* a; b */ SELECT 1 -- c;",
        "FROM system.one SELECT 1",
        "WITH 1 AS x SELECT x",
    ],
)
def test_ways_to_write_a_select_all_return_rows(server, sql: str):
    assert server.execute(sql) == [(1,)]


@pytest.mark.parametrize(
    "sql",
    ["SHOW DATABASES", "EXPLAIN SELECT 1", "DESCRIBE TABLE system.one", "EXISTS TABLE system.one", "SHOW PROCESSLIST"],
)
def test_statement_that_cannot_stream_returns_its_rows(server, sql: str):
    assert len(server.execute(sql)) > 0


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("UInt64", 2**64 - 1),
        ("Int32", -5),
        ("Float64", 0.25),
        ("String", "it's \\ \t \n {x:UInt8} 'quoted' ünï"),
        ("String", ""),
        ("Array(String)", ["a", "it's", "tab\tback\\slash"]),
        ("Array(UInt64)", [1, 2]),
        ("Array(UInt64)", []),
    ],
)
def test_bound_parameter_arrives_unchanged(client: Client, type_name: str, value: object):
    rows = client.execute(f"SELECT {{x:{type_name}}}", {"x": value}, settings=BOUND)

    assert rows == [(value,)]


def test_bound_parameters_work_in_insert_select_and_as_identifier(client: Client):
    client.execute("CREATE TABLE t (a UInt8, b String) ENGINE = MergeTree ORDER BY a")

    client.execute(
        "INSERT INTO {t:Identifier} SELECT {a:UInt8}, {b:String}", {"t": "t", "a": 1, "b": "x"}, settings=BOUND
    )

    assert client.execute("SELECT * FROM t") == [(1, "x")]


def test_missing_parameter_is_an_error_of_clickhouse(client: Client):
    with pytest.raises(ServerException) as caught:
        client.execute("SELECT {x:UInt8}", {}, settings=BOUND)

    assert caught.value.code == 456


def test_settings_of_one_query_do_not_reach_the_next(client: Client):
    limited = client.execute("SELECT getSetting('max_block_size')", settings={"max_block_size": 7})

    assert (limited, client.execute("SELECT getSetting('max_block_size') > 7")) == ([(7,)], [(1,)])


def test_settings_of_the_session_come_back_after_a_query(client: Client):
    client.execute("SET max_block_size = 9")
    client.execute("SELECT 1", settings={"max_block_size": 7})

    assert client.execute("SELECT getSetting('max_block_size')") == [(9,)]


def test_read_only_query_leaves_the_next_one_free(client: Client):
    with pytest.raises(ServerException) as caught:
        client.execute("CREATE TABLE t (a UInt8) ENGINE = Memory", settings={"readonly": 1})
    assert caught.value.code == 164

    connection = client.connection  # the driver reconnects after an error; ask twice over one connection
    assert client.execute("SELECT 1", settings={"readonly": 1}) == [(1,)]
    client.execute("CREATE TABLE t (a UInt8) ENGINE = Memory")
    assert (client.connection, client.execute("SHOW TABLES")) == (connection, [("t",)])


def test_unknown_setting_is_passed_over_unless_important(server):
    assert server.client().execute("SELECT 1", settings={"no_such_setting": 1}) == [(1,)]

    with pytest.raises(ServerException) as caught:
        server.client(settings_is_important=True).execute("SELECT 1", settings={"no_such_setting": 1})
    assert caught.value.code == 115


def test_bad_value_of_a_setting_is_an_error(server):
    with pytest.raises(ServerException, match="many"):
        server.execute("SELECT 1", settings={"max_threads": "many"})


def test_database_of_the_connection_is_used(client: Client):
    assert client.execute("SELECT currentDatabase()")[0][0].startswith("test_")


def test_unknown_database_is_refused_at_once(server):
    with pytest.raises(ServerException) as caught:
        server.client(database="missing").execute("SELECT 1")

    assert caught.value.code == 81


def test_compressed_zstd_blocks_are_read(server, monkeypatch: pytest.MonkeyPatch):
    """The driver wants a package named zstd for this; zstandard offers the same two functions."""
    zstd = types.ModuleType("zstd")
    zstd.compress = lambda data: zstandard.ZstdCompressor().compress(data)
    zstd.decompress = lambda data: zstandard.ZstdDecompressor().decompress(data)
    monkeypatch.setitem(sys.modules, "zstd", zstd)
    client = server.client(compression="zstd")
    client.execute("CREATE TEMPORARY TABLE t (a String)")

    client.execute("INSERT INTO t VALUES", [("x" * 1000,)] * 5000)

    assert client.execute("SELECT count(), sum(length(a)) FROM t") == [(5000, 5_000_000)]
    client.disconnect()


def test_large_compressed_result_comes_in_whole(server):
    client = server.client(compression=True)

    rows = client.execute("SELECT number, repeat(toString(number), 20) FROM numbers(300000)")

    assert (len(rows), rows[-1]) == (300_000, (299_999, "299999" * 20))
    client.disconnect()


def test_many_connections_work_at_once(server):
    server.execute("CREATE TABLE IF NOT EXISTS default.many (a UInt64, b String) ENGINE = MergeTree ORDER BY a")

    def work(number: int) -> int:
        client = server.client()
        client.execute("INSERT INTO default.many VALUES", [(number, str(number))] * 1000)
        found = client.execute("SELECT count() FROM default.many WHERE a = {a:UInt64}", {"a": number}, settings=BOUND)
        client.disconnect()
        return found[0][0]

    with ThreadPoolExecutor(12) as pool:
        counts = list(pool.map(work, range(48)))

    assert counts == [1000] * 48


def test_progress_and_profile_reach_the_driver(client: Client):
    client.execute("SELECT number FROM numbers(100000)")

    assert (client.last_query.progress.rows, client.last_query.profile_info.rows) == (100_000, 100_000)


def test_external_tables_are_joined(client: Client):
    table = {
        "name": "wanted",
        "structure": [("id", "UInt64"), ("label", "String")],
        "data": [{"id": 3, "label": "three"}],
    }

    rows = client.execute(
        "SELECT number, label FROM numbers(5) AS n JOIN wanted ON id = number", external_tables=[table]
    )

    assert rows == [(3, "three")]
    assert client.execute("EXISTS TEMPORARY TABLE wanted") == [(0,)]


def test_password_is_asked_when_one_is_set(tmp_path):
    server = start_clickhouse(tmp_path, CLICKHOUSE_USER="tributary", CLICKHOUSE_PASSWORD="right")

    assert server.client(user="tributary", password="right").execute("SELECT 1") == [(1,)]
    for user, password in (("tributary", "wrong"), ("tributary", ""), ("default", "right")):
        with pytest.raises(ServerException) as caught:
            server.client(user=user, password=password).execute("SELECT 1")
        assert caught.value.code == 516
    assert server.stop() == 0


def test_web_browser_is_told_what_speaks_here(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

        assert connection.recv(1000).startswith(b"HTTP/1.0 400 ")
