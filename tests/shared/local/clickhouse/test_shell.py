"""`manage.py clickhouse_shell` with a statement; the prompt itself is tried through a pseudo-terminal."""

import os
import pty
import select
import subprocess
import sys
import time

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
    with subprocess.Popen(line, cwd=ROOT, env=variables, stdin=follower, stdout=follower, stderr=follower) as process:
        os.close(follower)
        read_until(leader, b"default>")
        os.write(leader, b"SELECT 20 +\r22;\r")
        assert b"42" in read_until(leader, b"1 rows in")
        os.write(leader, leaving)

        assert process.wait(10) == 0
    os.close(leader)


def read_until(terminal: int, wanted: bytes) -> bytes:
    seen = b""
    end = time.monotonic() + 30
    while wanted not in seen:
        assert time.monotonic() < end, seen
        if select.select([terminal], [], [], 0.5)[0]:
            part = os.read(terminal, 4096)
            seen += part
            if b"\x1b[6n" in part:  # the prompt asks where the cursor is
                os.write(terminal, b"\x1b[1;1R")
    return seen
