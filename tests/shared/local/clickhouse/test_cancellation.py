"""A query stops when its client cancels, leaves, or its time is over."""

import threading
import time

import pytest
from clickhouse_driver.errors import ServerException

from tests.clickhouse_server import ClickHouseServer

ENDLESS = "SELECT /* {} */ count() FROM numbers(1000000000000) WHERE cityHash64(number) = 1 SETTINGS max_threads = 1"
STREAM = "SELECT /* {} */ number, cityHash64(number) FROM numbers(1000000000000)"
WITHIN = 3.0


def running(server: ClickHouseServer, name: str) -> int:
    sql = "SELECT count() FROM system.processes WHERE query LIKE %(like)s AND query NOT LIKE '%%system.processes%%'"
    return server.execute(sql, {"like": f"%/* {name} */%"})[0][0]


def wait_until(server: ClickHouseServer, name: str, count: int) -> None:
    end = time.monotonic() + WITHIN
    while running(server, name) != count:
        assert time.monotonic() < end, f"{name}: not {count} running within {WITHIN} s"
        time.sleep(0.02)


@pytest.mark.parametrize("sql", [ENDLESS, STREAM], ids=["aggregate", "stream"])
def test_client_that_leaves_stops_its_query(server: ClickHouseServer, sql: str):
    client = server.client()
    client.execute("SELECT 1")
    client.connection.send_query(sql.format("leaving"))
    client.connection.send_external_tables([])
    wait_until(server, "leaving", 1)

    client.connection.disconnect()

    wait_until(server, "leaving", 0)


def test_cancelled_query_ends_and_connection_goes_on(server: ClickHouseServer):
    client = server.client()
    client.execute("SELECT 1")
    client.connection.send_query(ENDLESS.format("cancelled"))
    client.connection.send_external_tables([])
    wait_until(server, "cancelled", 1)

    client.cancel()

    assert running(server, "cancelled") == 0
    assert client.execute("SELECT 2") == [(2,)]
    client.disconnect()


def test_stream_cancelled_in_the_middle_ends(server: ClickHouseServer):
    client = server.client()
    rows = client.execute_iter(STREAM.format("middle"))
    next(rows)

    client.cancel()

    wait_until(server, "middle", 0)
    client.disconnect()


def test_cancel_stops_an_insert_select(server: ClickHouseServer):
    server.execute("CREATE TABLE IF NOT EXISTS default.slow (n UInt64) ENGINE = Null")
    client = server.client()
    client.execute("SELECT 1")
    client.connection.send_query("INSERT INTO default.slow SELECT /* filling */ number FROM numbers(1000000000000)")
    client.connection.send_external_tables([])
    wait_until(server, "filling", 1)

    client.cancel()

    assert running(server, "filling") == 0
    client.disconnect()


@pytest.mark.parametrize("sql", [ENDLESS, STREAM], ids=["aggregate", "stream"])
def test_time_limit_ends_a_query_with_its_code(server: ClickHouseServer, sql: str):
    started = time.monotonic()

    with pytest.raises(ServerException) as caught:
        for _ in server.client().execute_iter(
            sql.format("limited"), settings={"max_execution_time": 1, "max_block_size": 5000}
        ):
            pass

    assert (caught.value.code, time.monotonic() - started < WITHIN) == (159, True)


def test_memory_limit_ends_a_query_with_its_code(server: ClickHouseServer):
    with pytest.raises(ServerException) as caught:
        server.execute("SELECT groupArray(number) FROM numbers(100000000)", settings={"max_memory_usage": 50_000_000})

    assert caught.value.code == 241


def test_kill_by_another_connection_is_an_error(server: ClickHouseServer):
    codes: list[int] = []

    def run() -> None:
        try:
            server.execute(ENDLESS.format("killed"))
        except ServerException as error:
            codes.append(error.code)

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(server, "killed", 1)

    server.execute("KILL QUERY WHERE query LIKE '%%/* killed */%%' AND query NOT LIKE 'KILL%%' SYNC", {})
    thread.join(WITHIN)

    assert codes == [394]


def test_long_query_sends_signs_of_life(server: ClickHouseServer):
    """A driver gives up on a server that is silent for its timeout, here two seconds."""
    client = server.client(send_receive_timeout=2)

    rows = client.execute("SELECT sum(sleepEachRow(0.5)) FROM numbers(8) SETTINGS max_threads = 1, max_block_size = 4")

    assert rows == [(0,)]
    client.disconnect()


def test_slow_reader_does_not_grow_the_server(server: ClickHouseServer):
    """The result is 400 MB; the server holds a few blocks of it."""
    client = server.client()
    before = server.resident_megabytes()
    rows = client.execute_iter(
        "SELECT number, repeat('x', 1000) FROM numbers(400000)", settings={"max_block_size": 10_000}
    )
    peak = 0.0
    for number, _ in enumerate(rows):
        if number % 20_000 == 0:
            peak = max(peak, server.resident_megabytes())

    assert (number, peak - before < 150) == (399_999, True), f"grew by {peak - before:.0f} MB"
    client.disconnect()
