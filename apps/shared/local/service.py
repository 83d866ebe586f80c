"""One long-running program of this machine: how it is started, asked whether it is ready, and stopped."""

import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_OPEN_FILES = 65_536  # a shell's usual 1,024 would be as many clients of collect, and then no more


class NotReady(RuntimeError):
    """A program ended or stayed silent before it was ready."""


@dataclass(frozen=True, slots=True)
class Service:
    """What is to run. Services of a lower wave start earlier and stop later."""

    name: str
    command: tuple[str, ...]
    is_ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    wave: int = 0
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 10.0  # seconds between the stop signal and the kill
    ready_within: float = 40.0
    is_shown: bool = False  # whether its log lines go to the terminal as well
    least_children: int = 0  # fewer living children than this mean that a worker was lost


class Running:
    """A started service. Its output goes straight to a file, so a stalled terminal can never stall a server."""

    def __init__(self, service: Service, log: Path) -> None:
        self.service = service
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                service.command,
                env={**os.environ, **service.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops in the right order
                preexec_fn=_before_start(service.stop_signal),  # noqa: PLW1509  no threads exist before exec here
            )
        self.started_at = time.monotonic()

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its group."""
        return self.process.pid

    def has_ended(self) -> bool:
        """Tell whether the process is gone."""
        return self.process.poll() is not None

    def wait_until_ready(self) -> float:
        """Wait for readiness and return the seconds it took; raises NotReady with the end of the log."""
        deadline = self.started_at + self.service.ready_within
        while not self.service.is_ready():
            if self.has_ended():
                raise NotReady(f"{self.service.name} ended with code {self.process.returncode}.\n{self.last_lines()}")
            if time.monotonic() > deadline:
                raise NotReady(
                    f"{self.service.name} did not answer within {self.service.ready_within:g} s.\n{self.last_lines()}"
                )
            time.sleep(0.05)
        return time.monotonic() - self.started_at

    def last_lines(self, count: int = 15) -> str:
        """Return the end of the log."""
        with self.log.open("rb") as content:
            content.seek(max(0, self.log.stat().st_size - 8192))
            return "\n".join(content.read().decode(errors="replace").splitlines()[-count:])

    def ask_to_stop(self) -> None:
        """Send the stop signal; the process alone gets it and stops its own children."""
        if not self.has_ended():
            self.process.send_signal(self.service.stop_signal)

    def finish(self, deadline: float) -> bool:
        """Wait until *deadline* (monotonic), then kill what is left; tell whether it left by itself."""
        try:
            self.process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        self._kill_group()  # an orphaned worker would hold the port
        return True

    def stop(self) -> bool:
        """Stop this service alone and tell whether it left by itself."""
        self.ask_to_stop()
        return self.finish(time.monotonic() + self.service.patience)

    def kill(self) -> None:
        """End the process and everything it started, now."""
        self._kill_group()
        self.process.wait()

    def _kill_group(self) -> None:
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return  # the whole group is gone already


def _before_start(stop_signal: signal.Signals) -> Callable[[], None]:
    """Return what a child does before it becomes the program: it takes its bounds, and the kernel's promise."""
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    number = int(stop_signal)

    def prepare() -> None:
        _open_many_files()
        if libc is not None:  # the kernel stops the child when the supervisor is killed
            libc.prctl(_PR_SET_PDEATHSIG, number)

    return prepare


def _open_many_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
