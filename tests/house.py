"""The whole product, run by its own supervisor in a folder and on ports of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from apps.shared.local import processes, record
from apps.shared.local.layout import ROOT, Layout, Ports
from apps.shared.local.prepare import Preparation
from tests.template import Template

_START_WITHIN = 180.0


class House:
    """Every store and process; crashed ones come back, as they do for an operator.

    With a *template* it starts from migrated stores; without, it goes the whole way of a first start.
    """

    def __init__(self, folder: Path, template: Template | None = None) -> None:
        if template:
            shutil.copy(template.folder / "secrets.json", folder)
        self.layout = Layout.of(folder, Ports.free())
        self.environment = {
            **os.environ,
            **processes.environment(self.layout, {}),
            **{name: str(port) for name, port in self.layout.ports.named().items()},
            "TRIBUTARY_DEMO": "0",
        }
        self.environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # leave for the tests, not for the product
        del self.environment["PROMETHEUS_MULTIPROC_DIR"]  # the supervisor names its own; commands count nothing
        self.output = folder / "supervisor.log"
        self._supervisor: subprocess.Popen[bytes] | None = None
        if template:
            template.copy_to(folder)
            Preparation(self.layout, {}).mark_done("postgres", "clickhouse")

    @property
    def web(self) -> str:
        """The address of the pages."""
        return f"http://127.0.0.1:{self.layout.ports.web}"

    @property
    def collect(self) -> str:
        """The address that events are sent to."""
        return f"http://127.0.0.1:{self.layout.ports.collect}"

    def start(self) -> None:
        """Start everything and wait until pages and the door of events are ready."""
        with self.output.open("ab") as output:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-m", "apps.shared.local.up"],
                cwd=ROOT, env=self.environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + _START_WITHIN
        while "Tributary is up" not in self.words():
            if self._supervisor.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The house did not start:\n{self.words()[-6000:]}")
            time.sleep(0.1)

    def stop(self) -> int:
        """Ask the supervisor to stop everything and return its exit code."""
        assert self._supervisor is not None
        self._supervisor.send_signal(signal.SIGTERM)
        return self._supervisor.wait(timeout=120)

    def kill(self) -> None:
        """Kill the supervisor, so that it can tidy nothing."""
        assert self._supervisor is not None
        self._supervisor.kill()
        self._supervisor.wait()

    def entry(self, name: str) -> record.Entry:
        """Return the process *name* as it runs now."""
        return next(entry for entry in record.read(self.layout.folder) if entry.name == name)

    def strike(self, name: str) -> record.Entry:
        """Kill one process with SIGKILL, without warning, and return which it was."""
        entry = self.entry(name)
        os.kill(entry.pid, signal.SIGKILL)
        return entry

    def wait_until_back(self, struck: record.Entry, seconds: float = 60.0) -> None:
        """Wait until the supervisor has replaced a struck process and every store answers again."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            current = [entry for entry in record.read(self.layout.folder) if entry.name == struck.name]
            if current and current[0] != struck and current[0].is_alive() and self.is_ready():
                return
            time.sleep(0.1)
        raise RuntimeError(f"{struck.name} did not come back:\n{self.words()[-3000:]}")

    def is_ready(self) -> bool:
        """Tell whether web and collect say that all they need answers."""
        try:
            for address in (self.web, self.collect):
                with urllib.request.urlopen(f"{address}/ready", timeout=5) as answer:
                    if json.load(answer)["status"] != "ready":
                        return False
        except OSError:
            return False
        return True

    def manage(self, *arguments: str) -> str:
        """Run a management command against this house and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def words(self) -> str:
        """Return what the supervisor has printed."""
        return self.output.read_text(encoding="utf-8", errors="replace")
