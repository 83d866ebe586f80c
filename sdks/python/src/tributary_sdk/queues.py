"""Where events wait: what a queue is, and the one in memory."""

import threading
from collections import deque
from typing import Deque, Iterable, List, NamedTuple, Protocol

MOST_WAITING = 10_000


class Waiting(NamedTuple):
    """An event that waits, and where."""

    place: str
    raw: bytes


class Queue(Protocol):
    """Events in the order of their calls, each kept until it is removed."""

    def add(self, raw: bytes) -> bool:
        """Take an event, or say that there is no room."""

    def first(self, count: int) -> List[Waiting]:
        """Return up to *count* events that wait longest."""

    def remove(self, events: Iterable[Waiting]) -> None:
        """Forget events that have their answer; they are the ones that `first` gave."""

    def __len__(self) -> int:
        """Return how many wait."""

    def close(self) -> None:
        """Let go of what is open."""

    def abandon(self) -> None:
        """Let go of what a fork has handed down: it is the parent's, and so may be the lock."""


class MemoryQueue:
    """Events in memory: they are gone when the process is killed."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._most = most
        self._lock = threading.RLock()  # a signal or a finalizer may call while this very thread holds it
        self._events: Deque[bytes] = deque()

    def add(self, raw: bytes) -> bool:
        """Take an event, or say that there is no room."""
        with self._lock:
            if len(self._events) >= self._most:
                return False
            self._events.append(raw)
            return True

    def first(self, count: int) -> List[Waiting]:
        """Return up to *count* events that wait longest."""
        with self._lock:
            return [Waiting("", self._events[index]) for index in range(min(count, len(self._events)))]

    def remove(self, events: Iterable[Waiting]) -> None:
        """Forget events from the front."""
        with self._lock:
            for _ in events:
                self._events.popleft()

    def __len__(self) -> int:
        return len(self._events)

    def close(self) -> None:
        """Nothing is open."""

    def abandon(self) -> None:
        """Nothing was handed down."""
