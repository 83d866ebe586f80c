"""Read what processes append to their log files, and keep those files from growing without end."""

import shutil
from pathlib import Path

LARGEST = 50 * 1024 * 1024


class Follower:
    """Returns the new complete lines of one log file; a large file is copied aside and emptied."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = path.stat().st_size if path.exists() else 0
        self._rest = b""

    def new_lines(self) -> list[str]:
        """Return the lines written since the last call."""
        size = self._path.stat().st_size if self._path.exists() else 0
        if size < self._position:
            self._position = 0
        if size == self._position:
            return []
        with self._path.open("rb") as log:
            log.seek(self._position)
            content = self._rest + log.read(1024 * 1024)
            self._position = log.tell()
        *lines, self._rest = content.split(b"\n")
        self._rotate()
        return [line.decode(errors="replace") for line in lines]

    def _rotate(self) -> None:
        if self._position < LARGEST:
            return
        shutil.copyfile(self._path, self._path.with_suffix(".log.1"))
        with self._path.open("r+b") as log:  # writers append, so they go on at the new end
            log.truncate(0)
        self._position = 0
