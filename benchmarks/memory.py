"""What everything holds in memory at rest: resident (RSS) and proportional (PSS, shared pages counted once)."""

import time
from pathlib import Path

from benchmarks import processor
from benchmarks.machine import Stores, running_processes
from benchmarks.rows import Row, row

_SETTLE_SECONDS = 20
_ASKED = "< 2,560 MB"


def run(stores: Stores) -> list[Row]:
    """Start every process, let it rest, and read the kernel's own figures for each with its children."""
    with running_processes(stores.layout) as processes:
        time.sleep(_SETTLE_SECONDS)
        used = {one.service.name: _memory_of(one.pid) for one in (*stores.running, *processes)}
    rows = [
        row(f"memory at rest: {name}", pss, "MB PSS", "", f"{rss:.0f} MB RSS, {count} processes")
        for name, (rss, pss, count) in used.items()
    ]
    rss, pss = (round(sum(figures[place] for figures in used.values())) for place in (0, 1))
    note = "PSS counts shared pages once; with the demo loaded, no load"
    return [
        row("memory at rest: everything, RSS", rss, "MB", _ASKED, note),
        row("memory at rest: everything, PSS", pss, "MB", _ASKED, note),
        *rows,
    ]


def _memory_of(pid: int) -> tuple[float, float, int]:
    """Return RSS and PSS in MB of a process and all that it started, and how many they are."""
    figures = [_figures(member) for member in processor.family(pid)]
    return sum(one[0] for one in figures), round(sum(one[1] for one in figures)), len(figures)


def _figures(pid: int) -> tuple[float, float]:
    found = {"Rss": 0.0, "Pss": 0.0}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, value = line.partition(":")
        if name in found:
            found[name] = int(value.split()[0]) / 1024
    return found["Rss"], found["Pss"]
