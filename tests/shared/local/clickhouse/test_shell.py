"""`manage.py clickhouse_shell` with a statement; the prompt itself is tried through a pseudo-terminal."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from tests.clickhouse_server import ROOT, ClickHouseServer


def command(server: ClickHouseServer, *arguments: str) -> tuple[list[str], dict[str, str]]:
    variables = {
        **os.environ,
        "CLICKHOUSE_URL": f"clickhouse://default@127.0.0.1:{server.port}/default",
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "HOME": str(server.folder),
    }
    return [sys.executable, "manage.py", "clickhouse_shell", *arguments], variables


def run(server: ClickHouseServer, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    line, variables = command(server, *arguments)
    return subprocess.run(
        line, cwd=ROOT, env=variables, input=text, text=True, capture_output=True, timeout=60, check=False
    )


def test_statement_given_as_argument_prints_a_table(server: ClickHouseServer):
    result = run(server, "SELECT 1 AS one, NULL AS nothing")

    assert result.stdout.splitlines() == ["one  nothing", "---  -------", "1    NULL"]


def test_statements_on_standard_input_run_one_after_another(server: ClickHouseServer):
    result = run(
        server, "--tsv", text="CREATE TEMPORARY TABLE t (a String);\nINSERT INTO t VALUES ('x;\\ty');\nSELECT a FROM t"
    )

    assert (result.stdout, result.returncode) == ("a\nx;\\ty\n", 0)


def test_failed_statement_is_said_in_words_and_by_exit_code(server: ClickHouseServer):
    result = run(server, "SELECT * FROM missing")

    assert (result.returncode, "UNKNOWN_TABLE" in result.stderr, "Traceback" in result.stderr) == (1, True, False)


@pytest.mark.parametrize("leaving", [b"exit\r", b"\x04"], ids=["exit", "ctrl-d"])
def test_prompt_answers_and_lets_go(server: ClickHouseServer, leaving: bytes):
    line, variables = command(server)
    leader, follower = pty.openpty()
    variables["PROMPT_TOOLKIT_NO_CPR"] = "1"  # this terminal does not tell where its cursor is
    process = subprocess.Popen(line, cwd=ROOT, env=variables, stdin=follower, stdout=follower, stderr=follower)
    os.close(follower)
    try:
        read_until(leader, b"default>")
        os.write(leader, b"SELECT 20 +\r22;\r")
        assert b"42" in read_until(leader, b"row in.*default>")
        insist(leader, leaving, process)

        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait(10)
        os.close(leader)


def insist(terminal: int, keys: bytes, process: subprocess.Popen[bytes]) -> None:
    """Type the keys until the process ends: those that come while the prompt is being drawn are lost."""
    for _ in range(15):
        os.write(terminal, keys)
        with suppress(subprocess.TimeoutExpired):
            process.wait(2)
            return
        if select.select([terminal], [], [], 0)[0]:
            os.read(terminal, 65536)  # a full terminal would hold the process


def read_until(terminal: int, wanted: bytes) -> bytes:
    """Read until what came matches a pattern: what one look brings may hold the next prompt already."""
    seen = b""
    end = time.monotonic() + 30
    while not re.search(wanted, seen, re.DOTALL):
        assert time.monotonic() < end, seen
        if not select.select([terminal], [], [], 0.5)[0]:
            continue
        seen += os.read(terminal, 4096)
    return seen
