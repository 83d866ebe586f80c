"""Starts the one-machine ClickHouse server as a process of its own, for tests of anything that needs one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clickhouse_driver import Client

ROOT = Path(__file__).parents[1]


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

    def stop(self, number: int = signal.SIGTERM, timeout: float = 20) -> int:
        """Ask the server to stop and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


def run_clickhouse(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start the process and return at once."""
    command = [sys.executable, "-m", "apps.shared.local.clickhouse", *arguments]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def start_clickhouse(folder: Path, port: int = 0, **environment: str) -> ClickHouseServer:
    """Start a server and return when it is ready; port 0 takes a free one."""
    process = run_clickhouse("--data", str(folder), "--port", str(port), **environment)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        _, error = process.communicate(timeout=10)
        raise RuntimeError(f"The server did not start: {error}")
    ready = json.loads(line)
    assert ready["event"] == "listening"
    return ClickHouseServer(process, folder, ready["port"])
