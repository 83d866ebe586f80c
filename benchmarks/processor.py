"""Processor time that processes used, by the kernel's own account: it stays true when a machine is shared."""

import os
from collections.abc import Callable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM = 11, 12  # places in /proc/PID/stat behind the name of the program


def clock(pid: int) -> Callable[[], float]:
    """Return a clock of the seconds of processor time that *pid* and all that it started have used."""
    return lambda: sum(map(_seconds, family(pid)))


def family(pid: int) -> list[int]:
    """Return *pid* and every process that it started, directly or not."""
    children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return [pid, *(member for child in children for member in family(child))]


def resident(pid: int) -> list[float]:
    """Return the resident memory of *pid* and of every process that it started, in MB."""
    pages = (int(Path(f"/proc/{member}/statm").read_text().split()[1]) for member in family(pid))
    return [count * os.sysconf("SC_PAGE_SIZE") / 1024**2 for count in pages]


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS
