"""A whole product of its own for measuring: stores and processes on free ports, in a folder that is thrown away."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apps.shared.local import processes, stores
from apps.shared.local.layout import ROOT, Layout, Ports
from apps.shared.local.postgres import create_database
from apps.shared.local.service import Running, Service

_PATIENCE = 20.0


@contextmanager
def running_stores() -> Iterator[Layout]:
    """Start the four stores, migrated, and name them in the environment of this process."""
    folder = Path(tempfile.mkdtemp(prefix="tributary-bench-"))
    layout = Layout.of(folder, Ports.free())
    started: list[Running] = []
    try:
        started += start(layout, stores.prepare(layout))
        create_database(layout, "tributary")
        os.environ.update(processes.environment(layout, {}))
        os.environ.pop("PROMETHEUS_MULTIPROC_DIR")  # this process serves no requests
        for options in ((), ("--database=clickhouse",)):
            _manage("migrate", "--verbosity=0", "--skip-checks", *options)
        yield layout
    finally:
        stop(started)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_processes(layout: Layout) -> Iterator[list[Running]]:
    """Start pages, collect, writer, worker and beat beside the stores of *layout*."""
    variables = processes.environment(layout, {})
    Path(variables["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True, exist_ok=True)
    started: list[Running] = []
    try:
        started += start(layout, processes.services(layout, variables))
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


def _manage(*arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, check=True)
