"""Ctrl-C and SIGTERM as one exception that never arrives between starting a process and remembering it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StopAsked(BaseException):
    """Someone asked the supervisor to stop."""


class Interrupts:
    """Turns the first stop signal into StopAsked; later ones only set `is_urgent`."""

    def __init__(self) -> None:
        self.is_asked = self.is_urgent = False
        self._held = 0

    def install(self) -> None:
        """Take over SIGINT, SIGTERM and SIGHUP (a closed terminal)."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.is_urgent = self.is_asked
        self.is_asked = True
        if not self._held and not self.is_urgent:
            raise StopAsked

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nothing interrupt the block; what came meanwhile is raised at its end."""
        was_asked = self.is_asked
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        if self.is_asked and not was_asked:
            raise StopAsked
