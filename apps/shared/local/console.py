"""What a person sees on the terminal: numbered steps with their times, then each process's lines behind its name."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95)


class Console:
    """Prints progress; colours only on a terminal."""

    def __init__(self, total: int) -> None:
        self._total, self._number = total, 0
        self._is_terminal = sys.stdout.isatty()
        self._started = time.monotonic()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announce a step and, at its end, say how long it took."""
        self._number += 1
        began = time.monotonic()
        self.say(f"[{self._number}/{self._total}] {title} …")
        yield
        self.say(f"      {self._paint('done', 32)} in {time.monotonic() - began:.1f} s")

    def skip(self, title: str, reason: str) -> None:
        """Count a step that has nothing to do."""
        self._number += 1
        self.say(f"[{self._number}/{self._total}] {title}: {reason}")

    def line_of(self, name: str, line: str) -> None:
        """Print one line of a process's log."""
        self.say(f"{self._paint(f'{name:>10} |', _COLOURS[sum(name.encode()) % len(_COLOURS)])} {line}")

    def say(self, text: str) -> None:
        """Print *text* at once; a closed terminal is no reason to stop servers."""
        try:
            print(text, flush=True)
        except (BrokenPipeError, OSError):
            self._is_terminal = False

    def elapsed(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self._started

    def _paint(self, text: str, colour: int) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._is_terminal else text
