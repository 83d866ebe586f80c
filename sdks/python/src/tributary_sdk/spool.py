"""A queue in a folder: what a killed process leaves there, the next one delivers. For systems with `flock`."""

import fcntl
import json
import os
import threading
from collections import deque
from pathlib import Path
from typing import Deque, Dict, Iterable, List, Optional

from tributary_sdk.queues import MOST_WAITING, Waiting

_SEGMENT_EVENTS = 1_000


class Spool:
    """Events in files of a folder, a line each, written before the call returns.

    A file belongs to the process that holds its lock; what a dead process left is taken over. A line that was cut off by
    a loss of power is dropped. Removing whole files, and no single lines, may send some events again after a kill: the
    door counts them once.
    """

    def __init__(self, folder: Path, *, most: int = MOST_WAITING, is_synced: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._most, self._is_synced = folder, most, is_synced
        self._lock = threading.RLock()  # a signal or a finalizer may call while this very thread holds it
        self._events: Deque[Waiting] = deque()
        self._left: Dict[str, int] = {}
        self._locks: Dict[str, int] = {}
        self._file: Optional[int] = None
        self._name, self._written, self._counter = "", 0, 0
        self.adopt()

    def adopt(self) -> int:
        """Take over the files whose process has died; return how many events were in them."""
        found = 0
        with self._lock:
            for path in sorted(self._folder.glob("*.events")):
                lines = self._lines_of(path)
                if lines is None:
                    continue
                events = [Waiting(path.name, line) for line in lines if _is_whole(line)]
                self._events.extend(events)
                self._left[path.name] = len(events)
                found += len(events)
                if not events:
                    self._drop(path.name)
        return found

    def add(self, raw: bytes) -> bool:
        """Write an event, or say that there is no room. Raises OSError when the disk refuses."""
        with self._lock:
            if len(self._events) >= self._most:
                return False
            if self._file is None or self._written >= _SEGMENT_EVENTS:
                self._begin()
            line = raw + b"\n"
            assert self._file is not None  # noqa: S101  _begin opened it
            if os.write(self._file, line) != len(line):
                self._written = _SEGMENT_EVENTS  # nothing may be appended to half a line
                raise OSError(f"{self._name} took only a part of an event")
            if self._is_synced:
                os.fsync(self._file)
            self._written += 1
            self._left[self._name] += 1
            self._events.append(Waiting(self._name, raw))
            return True

    def first(self, count: int) -> List[Waiting]:
        """Return up to *count* events that wait longest."""
        with self._lock:
            return [self._events[index] for index in range(min(count, len(self._events)))]

    def remove(self, events: Iterable[Waiting]) -> None:
        """Forget events from the front, and the files that hold no other."""
        with self._lock:
            for event in events:
                self._events.popleft()
                self._left[event.place] -= 1
                if self._left[event.place] == 0:
                    self._drop(event.place)

    def __len__(self) -> int:
        return len(self._events)

    def close(self) -> None:
        """Leave the files that still hold events to the next process."""
        with self._lock:
            for name in list(self._locks):
                os.close(self._locks.pop(name))
            self._file = None

    def abandon(self) -> None:
        """Close what a fork has handed down, so that the files fall free when the parent dies."""
        for file in self._locks.values():
            os.close(file)

    def _lines_of(self, path: Path) -> Optional[List[bytes]]:
        """Take a file over; None when it is somebody else's, whose rights may be others as well."""
        try:
            if path.name in self._locks or not self._take(path.name):
                return None
            return path.read_bytes().split(b"\n")
        except OSError:
            return None

    def _begin(self) -> None:
        while True:
            self._counter += 1
            name = f"{os.getpid()}-{os.urandom(4).hex()}-{self._counter:06d}.events"
            if self._take(name):
                break
        self._name, self._file, self._written = name, self._locks[name], 0
        self._left[name] = 0

    def _take(self, name: str) -> bool:
        """Open and lock a file; False when another process has it, or has just removed it."""
        path = self._folder / name
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return False
        if not path.exists() or path.stat().st_ino != os.fstat(file).st_ino:
            os.close(file)
            return False
        self._locks[name] = file
        return True

    def _drop(self, name: str) -> None:
        try:
            (self._folder / name).unlink(missing_ok=True)
        finally:  # a folder that became read-only keeps the file: its events are sent once more by the next process
            os.close(self._locks.pop(name))
            self._left.pop(name, None)
            if name == self._name:
                self._file, self._name = None, ""


def _is_whole(line: bytes) -> bool:
    """Tell whether a line is an event: one that a disk has spoilt would be refused by the door for ever."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
