"""Starts the one-machine ClickHouse server as a process of its own, for tests of anything that needs one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from clickhouse_driver import Client

ROOT = Path(__file__).parents[1]
READY_WITHIN = 30.0


@dataclass
class ClickHouseServer:
    """A running server. `kill` is as hard as it sounds; `start_clickhouse` on the same folder brings it back."""

    process: subprocess.Popen[str]
    folder: Path
    port: int

    def client(self, **options: Any) -> Client:
        return Client("127.0.0.1", self.port, **options)

    def execute(self, sql: str, *arguments: Any, **options: Any) -> Any:
        """Run one statement over a connection of its own."""
        client = self.client()
        try:
            return client.execute(sql, *arguments, **options)
        finally:
            client.disconnect()

    def resident_megabytes(self, kind: str = "VmRSS") -> float:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{kind}:"))

    def events(self) -> list[str]:
        """Return the names of what the server has logged."""
        return [line["event"] for line in self._logged()]

    def failures(self) -> list[str]:
        """Return the tracebacks of connections that ended by an error nobody foresaw."""
        return [line["traceback"] for line in self._logged() if line["event"] == "connection failed"]

    def _logged(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "server.log").read_text().splitlines()]

    def stop(self, number: int = signal.SIGTERM, timeout: float = 20) -> int:
        """Ask the server to stop and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


def run_clickhouse(
    *arguments: str, output: int | IO[str] = subprocess.PIPE, **environment: str
) -> subprocess.Popen[str]:
    """Start the process and return at once."""
    command = [sys.executable, "-m", "apps.shared.local.clickhouse", *arguments]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CLICKHOUSE_")}
    variables = {**inherited, **environment}
    return subprocess.Popen(command, cwd=ROOT, env=variables, text=True, stdout=output, stderr=subprocess.PIPE)


def start_clickhouse(folder: Path, port: int = 0, **environment: str) -> ClickHouseServer:
    """Start a server and return when it is ready; port 0 takes a free one."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    with log.open("w") as output:  # a pipe that nobody reads would stop a server that logs much
        process = run_clickhouse("--data", str(folder), "--port", str(port), output=output, **environment)
    end = time.monotonic() + READY_WITHIN
    while not (lines := log.read_text().splitlines()):
        if process.poll() is not None:
            _, error = process.communicate()
            raise RuntimeError(f"The server did not start: {error}")
        if time.monotonic() > end:
            process.kill()
            raise RuntimeError(f"The server was not ready within {READY_WITHIN} s")
        time.sleep(0.02)
    ready = json.loads(lines[0])
    return ClickHouseServer(process, folder, ready["port"])
