"""A writer that starts before its log waits for it: nobody has to start it again."""

import os
import sys

import pytest

from tests.ingestion.processes import Process, free_port, wait_until

pytestmark = pytest.mark.e2e


def test_writer_waits_for_a_log_that_does_not_answer_yet_and_stops_when_told() -> None:
    command = [sys.executable, "manage.py", "write_events"]
    url = f"valkey://127.0.0.1:{free_port()}/0"
    process = Process(command, {**os.environ, "EVENT_LOG_URL": url, "TRIBUTARY_PROCESS": "writer"})

    wait_until(lambda: process.said().count("writer.failed") > 1, 60, process.said)
    process.stop()

    assert "Traceback" not in process.said()
    assert "writer.stopped" in process.said()
