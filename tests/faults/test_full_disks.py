"""No room on the disk of the log or the store: the door says 503 before anything is lost, and goes on later (R1)."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.faults.conftest import Figures
from tests.faults.counting import load
from tests.ingestion.chaos_house import House
from tests.ingestion.processes import wait_until

SIZES = {"event_log": "160m", "clickhouse": "900m"}

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.e2e,
    pytest.mark.xdist_group("house"),
    pytest.mark.skipif(os.geteuid() != 0, reason="a disk of its own is mounted, which only root may"),
]


@pytest.fixture(scope="module")
def small_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house whose log and store have small disks of their own, and a supervisor that brings parts back."""
    folder = tmp_path_factory.mktemp("small")
    with ExitStack() as exits:
        for name, size in SIZES.items():
            place = folder / name
            place.mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "none", str(place)], check=True)
            exits.callback(subprocess.run, ["umount", "-l", str(place)], check=True)
        made = House(folder, exits)
        stop = threading.Event()
        supervisor = threading.Thread(target=_bring_back, args=(made, stop), daemon=True)
        supervisor.start()
        exits.callback(supervisor.join)
        exits.callback(stop.set)
        yield made


def _bring_back(house: House, stop: threading.Event) -> None:
    while not stop.wait(0.5):
        for name, running in list(house.running.items()):
            if running.has_ended():
                with suppress(Exception):  # it may end again at once, as long as its disk is full
                    house.running[name] = house.start(house.services[name])
        for process in house.processes.values():
            if process.popen.poll() is not None:
                process.start()


def fill(place: Path) -> Path:
    """Leave no byte free at *place*."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 65_536)
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 512)
    return filler


@pytest.mark.parametrize("name", SIZES)
def test_full_disk_loses_nothing_and_is_said_in_time(small_house: House, figures: Figures, name: str) -> None:
    house, place = small_house, small_house.layout.folder / name
    with load(house, f"full-{name}-", senders=2) as sent:
        wait_until(lambda: len(sent.acknowledged()) > 50, 30)
        filler = fill(place)
        full_at = time.monotonic()
        if name == "event_log":
            wait_until(lambda: sent.refusals()[503] > 5, 60, lambda: str(sent.refusals()))
            refused_after = time.monotonic() - full_at
            time.sleep(4)
            words = f"first 503s after {refused_after:.1f} s"
        else:
            before = len(sent.acknowledged())
            time.sleep(10)
            meanwhile = len(sent.acknowledged()) - before
            assert meanwhile > 20, "the door does not wait for the store"
            words = f"{meanwhile:,} acknowledged meanwhile"
        known = len(sent.acknowledged())
        filler.unlink()
        freed_at = time.monotonic()
        wait_until(lambda: len(sent.acknowledged()) > known + 20, 60, lambda: str(sent.refusals()))
        recovered = time.monotonic() - freed_at
        found = sent.finish()

    figures.add(f"disk of {name} full", f"{found}; {words}; accepting {recovered:.1f} s after there was room again")
    assert recovered < 20
