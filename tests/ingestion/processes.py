"""Processes of the product for tests: started as the supervisor starts them, killed without mercy."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from apps.shared.local.layout import ROOT
from apps.shared.local.ports import free_port
from apps.shared.local.processes import PATIENT


class Process:
    """One process with its children."""

    def __init__(self, command: list[str], environment: Mapping[str, str], port: int = 0) -> None:
        self.command, self.environment, self.port = command, dict(environment), port
        self.environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # leave for the tests, not for the product
        self.output = tempfile.NamedTemporaryFile(suffix=".log")  # noqa: SIM115  lives as long as the process
        self.start()

    def start(self) -> None:
        """Start, or start again."""
        self.popen = subprocess.Popen(
            self.command,
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def kill(self) -> None:
        """Kill the process and its children at once."""
        os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def stop(self, seconds: float = 20) -> int:
        """Ask to stop and return the exit code."""
        self.popen.terminate()
        try:
            return self.popen.wait(seconds)
        finally:
            if self.popen.poll() is None:
                self.kill()

    def said(self) -> str:
        """Return what the process has printed."""
        return Path(self.output.name).read_text(errors="replace")


@contextmanager
def collect(environment: Mapping[str, str]) -> Iterator[Process]:
    """Run the door with one worker."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "1", *PATIENT, "--no-access-log", "--no-ws", "--log-level", "warning"]
    command += ["--workers-kill-timeout", "3", "config.wsgi:application"]
    ours = {"TRIBUTARY_PROCESS": "collect", "LOG_LEVEL": "ERROR", "COLLECT_URL": f"http://127.0.0.1:{port}"}
    process = Process(command, {**environment, **ours}, port)
    try:
        wait_until(lambda: _answers(port), 60, process.said)
        yield process
    finally:
        process.stop()


@contextmanager
def writer(environment: Mapping[str, str]) -> Iterator[Process]:
    """Run the writer."""
    command = [sys.executable, "manage.py", "write_events"]
    process = Process(command, {**environment, "TRIBUTARY_PROCESS": "writer"})
    try:
        yield process
    finally:
        process.stop()


@contextmanager
def worker(environment: Mapping[str, str]) -> Iterator[Process]:
    """Run the worker."""
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "config.celery:celery_app", "worker"]
    command += ["--concurrency=1", "--loglevel=WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    process = Process(command, {**environment, "TRIBUTARY_PROCESS": "worker"})
    try:
        yield process
    finally:
        process.stop()


def wait_until(holds: Callable[[], bool], seconds: float, explain: Callable[[], str] = lambda: "") -> None:
    """Wait until *holds*; fail with what *explain* says."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"It did not happen within {seconds} s.\n{explain()[-3000:]}")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/track", timeout=10)
    except urllib.error.HTTPError as error:
        return error.code == 405
    except OSError:
        return False
    return False
