"""A whole product of its own for measuring: stores and processes on free ports, in a folder that is thrown away."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from apps.shared.local import processes, stores
from apps.shared.local.layout import ROOT, Layout, Ports
from apps.shared.local.postgres import create_database
from apps.shared.local.service import Running, Service

_PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Stores:
    """The running stores and where they are."""

    layout: Layout
    running: list[Running]


def speed() -> float:
    """Return the seconds that a fixed piece of Python takes here and now, the best of five.

    Machines that others use are now fast and now slow: figures of two runs compare only where this is the same.
    """
    return min(_fixed_work() for _ in range(5))


def _fixed_work() -> float:
    began = time.process_time()
    counted: dict[str, list[int]] = {}
    for number in range(300_000):
        counted.setdefault(f"word-{number % 50_000}", []).append(number * number % 7)
    return time.process_time() - began


@contextmanager
def running_stores() -> Iterator[Stores]:
    """Start the four stores, migrated, and name them in the environment of this process."""
    folder = Path(tempfile.mkdtemp(prefix="tributary-bench-"))
    layout = Layout.of(folder, Ports.free())
    started: list[Running] = []
    try:
        started += start(layout, stores.prepare(layout))
        create_database(layout, "tributary")
        os.environ.update(processes.environment(layout, {}))
        os.environ.pop("PROMETHEUS_MULTIPROC_DIR")  # this process serves no requests
        migrate = ("migrate", "--verbosity=0", "--skip-checks")
        manage(*migrate, **layout.owner_environment())
        manage(*migrate, "--database=clickhouse")
        yield Stores(layout, started)
    finally:
        stop(started)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_processes(layout: Layout) -> Iterator[list[Running]]:
    """Start pages, collect, writer, worker and beat beside the stores of *layout*."""
    variables = processes.environment(layout, {})
    Path(variables["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True, exist_ok=True)
    manage("collectstatic", "--noinput", "--verbosity=0", "--skip-checks")
    started: list[Running] = []
    try:
        for services in processes.groups(layout, variables):
            started += start(layout, services)
        yield started
    finally:
        stop(started)


def start(layout: Layout, services: list[Service]) -> list[Running]:
    """Start *services* and wait until they are ready; raises NotReady."""
    started = [Running(service, layout.logs / f"{service.name}.log") for service in services]
    try:
        for running in started:
            running.wait_until_ready()
    except BaseException:
        stop(started)
        raise
    return started


def stop(started: list[Running]) -> None:
    """Stop what was started, the last first."""
    for running in reversed(started):
        running.ask_to_stop()
    deadline = time.monotonic() + _PATIENCE
    for running in reversed(started):
        running.finish(deadline)


def manage(*arguments: str, **variables: str) -> None:
    """Run a management command on the stores of the environment."""
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env={**os.environ, **variables}, check=True)
