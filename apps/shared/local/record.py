"""What runs from a data folder: written by the supervisor, read by `make down`, by the next start, and by tests."""

import json
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """A process that we started; *born* tells it from a later one with the same number."""

    name: str
    pid: int
    born: str

    @classmethod
    def of(cls, name: str, pid: int) -> "Entry":
        """Return the entry of a living process."""
        return cls(name, pid, born(pid))

    def is_alive(self) -> bool:
        """Tell whether this very process still runs."""
        return bool(self.born) and born(self.pid) == self.born


def born(pid: int) -> str:
    """Return when *pid* was started, in the kernel's ticks; empty when there is no such process, or only its shell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def path_in(folder: Path) -> Path:
    """Return where the record of *folder* is."""
    return folder / "run" / "processes.json"


def write(folder: Path, entries: Iterable[Entry]) -> None:
    """Replace the record in one step."""
    path = path_in(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps([asdict(entry) for entry in entries]), encoding="utf-8")
    new.replace(path)


def read(folder: Path) -> list[Entry]:
    """Return the record; one that was cut off by a full disk counts as empty."""
    try:
        return [Entry(**row) for row in json.loads(path_in(folder).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def end_left_overs(folder: Path, patience: float = 15.0) -> list[str]:
    """Stop what a killed supervisor left behind and return the names; asks first, kills those that stay."""
    left = [entry for entry in read(folder) if entry.is_alive()]
    for entry in left:
        _signal(entry, signal.SIGINT if entry.name == "postgres" else signal.SIGTERM)
    deadline = time.monotonic() + patience
    while any(entry.is_alive() for entry in left) and time.monotonic() < deadline:
        time.sleep(0.1)
    for entry in left:
        if entry.is_alive():
            _signal(entry, signal.SIGKILL)
    path_in(folder).unlink(missing_ok=True)
    return [entry.name for entry in left]


def _signal(entry: Entry, number: signal.Signals) -> None:
    try:
        if number is signal.SIGKILL:
            os.killpg(entry.pid, number)
        else:
            os.kill(entry.pid, number)
    except ProcessLookupError:
        return  # it left between the look and the signal
