"""The process: starting, refusing, stopping, and what a kill leaves."""

import signal
import socket
import threading
import time
from pathlib import Path

import pytest
from clickhouse_driver.errors import Error

from tests.clickhouse_server import run_clickhouse, start_clickhouse


def refusal(*arguments: str) -> str:
    """Return the one line that a process which cannot start prints."""
    process = run_clickhouse(*arguments)
    output, error = process.communicate(timeout=20)
    assert (process.returncode, output, error.count("\n")) == (1, "", 1)
    return error


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])  # noqa: S104
def test_address_that_others_can_reach_is_refused(tmp_path: Path, host: str):
    assert "is not a loopback address" in refusal("--data", str(tmp_path), "--port", "0", "--host", host)


def test_busy_port_is_said_in_one_line(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert f"port {port} on 127.0.0.1 cannot be used" in refusal("--data", str(tmp_path), "--port", str(port))


def test_second_process_on_a_folder_is_refused_by_name(tmp_path: Path):
    server = start_clickhouse(tmp_path)

    assert f"in use by process {server.process.pid}" in refusal("--data", str(tmp_path), "--port", "0")
    assert server.execute("SELECT 1") == [(1,)]
    assert server.stop() == 0


def test_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path):
    file = tmp_path / "file"
    file.touch()

    assert str(file) in refusal("--data", str(file / "data"), "--port", "0")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_the_server_in_order(tmp_path: Path, number: int):
    server = start_clickhouse(tmp_path)
    idle = server.client()
    idle.execute("SELECT 1")

    assert server.stop(number, timeout=5) == 0
    assert server.events() == ["listening", "stopping", "stopped"]


def test_short_query_ends_before_the_server_stops(tmp_path: Path):
    server = start_clickhouse(tmp_path)
    rows: list[tuple[int]] = []
    thread = threading.Thread(target=lambda: rows.extend(server.execute("SELECT sleep(1.5)")))
    thread.start()
    time.sleep(0.5)

    assert server.stop(timeout=8) == 0
    thread.join()
    assert rows == [(0,)]


def test_endless_query_is_cancelled_with_an_error_at_stop(tmp_path: Path):
    server = start_clickhouse(tmp_path)
    failures: list[Error] = []

    def run() -> None:
        try:
            server.execute("SELECT count() FROM numbers(1000000000000) WHERE cityHash64(number) = 1")
        except Error as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.5)

    assert server.stop(timeout=8) == 0
    thread.join()
    assert [error.code for error in failures] == [394]


def test_acknowledged_rows_survive_a_kill(tmp_path: Path):
    """Several clients insert while the process is killed; what was acknowledged is there, and nothing by halves."""
    server = start_clickhouse(tmp_path)
    server.execute(
        "CREATE TABLE default.kept (batch UInt64, row UInt32, text String) ENGINE = MergeTree ORDER BY batch"
    )
    acknowledged: list[int] = []

    def insert(first: int) -> None:
        client = server.client()
        try:
            for batch in range(first, first + 100_000):
                rows = [(batch, row, "x" * 50) for row in range(500)]
                client.execute("INSERT INTO default.kept VALUES", rows)
                acknowledged.append(batch)
        except (Error, EOFError, OSError):
            return

    threads = [threading.Thread(target=insert, args=(number * 1_000_000,)) for number in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(2)
    server.kill()
    for thread in threads:
        thread.join(10)

    again = start_clickhouse(tmp_path)
    counts = dict(again.execute("SELECT batch, count() FROM default.kept GROUP BY batch"))
    assert len(acknowledged) > 20
    assert [batch for batch in acknowledged if counts.get(batch) != 500] == []
    assert set(counts.values()) == {500}
    assert again.stop() == 0


def test_server_at_rest_is_small(tmp_path: Path):
    server = start_clickhouse(tmp_path)
    server.execute("SELECT uniq(number), max(toString(number)) FROM numbers(3000000)")

    deadline = time.monotonic() + 20
    while server.resident_megabytes("RssAnon") > 120 and time.monotonic() < deadline:
        time.sleep(0.5)
    assert server.resident_megabytes("RssAnon") <= 120
    assert server.resident_megabytes() <= 350
    assert server.stop() == 0
