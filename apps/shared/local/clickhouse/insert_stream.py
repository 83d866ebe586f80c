"""
An INSERT that takes blocks in pieces of any size.

The engine's own streaming insert drops what goes wrong behind its parser (a
violated constraint, a full disk, a failing view) and still reports the rows as
written. An INSERT ... SELECT tells, so the pieces go through a pipe into one.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable

from .errors import ServerError
from .names import identifier, literal

PIPE = 1 << 20
HALF_A_BLOCK = b"\x01"  # a number of columns and then the end: the engine gives up and commits nothing


class InsertStream:
    """Runs the statement in a thread from the first piece on."""

    def __init__(
        self, statement: str, columns: list[tuple[str, str]], run: Callable[[str], int], kill: Callable[[], None]
    ) -> None:
        self._statement = statement
        self._columns = columns
        self._run = run
        self._kill = kill
        self._thread: threading.Thread | None = None
        self._write_end = -1
        self._rows = 0
        self._failure: ServerError | None = None

    def append(self, piece: memoryview) -> None:
        """Hand a piece to the engine; wait while it is busy. Raises what the insert has failed of."""
        if self._thread is None:
            self._start()
        written = 0
        try:
            while written < len(piece):  # no name for the rest: a failure would hold it, and its buffer could not move
                written += os.write(self._write_end, piece[written:])
        except BrokenPipeError:
            self._join()

    def finish(self) -> int:
        """Commit and return the number of rows written."""
        self._join()
        return self._rows

    def cancel(self) -> None:
        """Leave no rows of the unfinished insert behind."""
        if self._thread is None or self._write_end < 0:
            return
        try:
            os.write(self._write_end, HALF_A_BLOCK)
            self._kill()
            self._join()
        except (BrokenPipeError, ServerError):
            self._close()

    def _start(self) -> None:
        read_end, self._write_end = os.pipe()
        fcntl.fcntl(self._write_end, fcntl.F_SETPIPE_SZ, PIPE)
        self._thread = threading.Thread(target=self._insert, args=(read_end,), daemon=True)
        self._thread.start()

    def _insert(self, read_end: int) -> None:
        names = ", ".join(identifier(name) for name, _ in self._columns)
        structure = ", ".join(f"{identifier(name)} {kind}" for name, kind in self._columns)
        source = f"file('/proc/self/fd/{read_end}', 'Native', {literal(structure)})"
        try:
            self._rows = self._run(f"{self._statement} SELECT {names} FROM {source}")
        except ServerError as error:
            self._failure = error
        finally:
            os.close(read_end)  # a writer that still waits learns that nobody reads

    def _join(self) -> None:
        self._close()
        if self._thread is not None:
            self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _close(self) -> None:
        if self._write_end >= 0:
            os.close(self._write_end)
            self._write_end = -1
