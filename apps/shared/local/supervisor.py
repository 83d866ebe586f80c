"""Starts services wave by wave, restarts the ones that crash, and stops them in the opposite order."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from apps.shared.local import record
from apps.shared.local.console import Console
from apps.shared.local.follow import Follower
from apps.shared.local.interrupts import Interrupts
from apps.shared.local.service import NotReady, Running, Service

_SETTLED = 30.0  # seconds after which a crash starts counting from the beginning
_LONGEST_PAUSE = 15.0
_COUNT_EVERY = 5.0


class Supervised:
    """A service with its running process, its restarts and its log."""

    def __init__(self, service: Service, log: Path) -> None:
        self.service = service
        self.follower = Follower(log)
        self.running = Running(service, log)
        self.crashes = 0
        self.restart_at: float | None = None

    def pause(self) -> float:
        """Return how long to wait before the next start: twice as long after each crash in a row."""
        if time.monotonic() - self.running.started_at > _SETTLED:
            self.crashes = 0
        self.crashes += 1
        return min(0.25 * float(2**self.crashes), _LONGEST_PAUSE)


class Supervisor:
    """Owns every process it started; knows nothing of what they do."""

    def __init__(self, folder: Path, console: Console, interrupts: Interrupts) -> None:
        self._folder, self._console, self._interrupts = folder, console, interrupts
        self._supervised: list[Supervised] = []
        self._next_count = time.monotonic() + _COUNT_EVERY

    def start(self, services: Sequence[Service]) -> None:
        """Start all *services* at once and wait until they are ready; raises NotReady."""
        started = []
        for service in services:
            with self._interrupts.held():
                started.append(Supervised(service, self._log(service)))
                self._supervised.append(started[-1])
                self._write_record()
        for one in started:
            seconds = one.running.wait_until_ready()
            self._console.say(f"      {one.service.name} ready after {seconds:.1f} s")

    def watch(self, while_true: Callable[[], bool] = lambda: True) -> None:
        """Print logs and bring back what ends, until StopAsked or until *while_true* says no."""
        while while_true():
            for one in self._supervised:
                self._print_log(one)
                self._bring_back(one)
            self._count_children()
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop the last wave first; what does not leave in its time is killed."""
        for wave in sorted({one.service.wave for one in self._supervised}, reverse=True):
            members = [one.running for one in self._supervised if one.service.wave == wave]
            began = time.monotonic()
            for running in members:
                running.ask_to_stop()
            for running in members:
                self._finish(running, began + running.service.patience)
        self._supervised.clear()
        record.path_in(self._folder).unlink(missing_ok=True)

    def _finish(self, running: Running, deadline: float) -> None:
        while not running.has_ended() and time.monotonic() < deadline and not self._interrupts.is_urgent:
            time.sleep(0.02)
        if not running.finish(time.monotonic()):
            self._console.say(f"      {running.service.name} did not leave in time and was killed")

    def _bring_back(self, one: Supervised) -> None:
        if one.restart_at is None:
            if not one.running.has_ended():
                return
            one.running.kill()  # workers that outlived their parent
            pause = one.pause()
            one.restart_at = time.monotonic() + pause
            code = one.running.process.returncode
            self._console.say(f"      {one.service.name} ended with code {code}; starts again in {pause:g} s")
        elif time.monotonic() >= one.restart_at:
            with self._interrupts.held():
                one.restart_at = None
                one.running = Running(one.service, self._log(one.service))
                self._write_record()

    def _count_children(self) -> None:
        """Restart a server whose workers went missing without a word."""
        if time.monotonic() < self._next_count:
            return
        self._next_count = time.monotonic() + _COUNT_EVERY
        for one in self._supervised:
            is_settled = time.monotonic() - one.running.started_at > 3 * _COUNT_EVERY
            if one.service.least_children and is_settled and _children(one.running.pid) < one.service.least_children:
                self._console.say(f"      {one.service.name} lost a worker and is started again")
                one.running.stop()

    def _print_log(self, one: Supervised) -> None:
        for line in one.follower.new_lines():
            if one.service.is_shown:
                self._console.line_of(one.service.name, line)

    def _log(self, service: Service) -> Path:
        return self._folder / "log" / f"{service.name}.log"

    def _write_record(self) -> None:
        own = record.Entry.of("supervisor", os.getpid())
        living = [one for one in self._supervised if not one.running.has_ended()]
        record.write(self._folder, [own, *(record.Entry.of(one.service.name, one.running.pid) for one in living)])


def _children(pid: int) -> int:
    try:
        return len(Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split())
    except OSError:
        return 1_000  # this kernel does not tell: assume that all is well


__all__ = ["NotReady", "Supervised", "Supervisor"]
