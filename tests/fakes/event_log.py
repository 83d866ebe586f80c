"""An event log in memory."""

from collections.abc import Sequence

from apps.ingestion.domain.ports import Entry, LogUnavailable


class MemoryLog:
    """Keeps entries in a list; `is_down` makes every call fail as a dead server would."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.is_down = False
        self._taken: set[str] = set()
        self._next = 1
        self._rereads, self.is_rereading = True, False
        self._clicks: dict[str, str] = {}

    partitions = 1

    def append_first(self, body: bytes, *, click: str, value: str, milliseconds: int) -> str:  # noqa: ARG002
        self._check()
        if click not in self._clicks:
            self.append(body)
        return self._clicks.setdefault(click, value)

    def append_many(self, parts: Sequence[tuple[int, bytes]]) -> list[str]:
        return [self.append(body) for _partition, body in parts]

    def append(self, body: bytes, *, partition: int = 0) -> str:  # noqa: ARG002  there is one
        self._check()
        offset = f"{self._next}-0"
        self.entries[offset] = Entry(offset, self._next, body)
        self._next += 1
        return offset

    def read(self, *, most: int, wait: float) -> list[Entry]:  # noqa: ARG002  memory has nothing to wait for
        self._check()
        self.is_rereading = False
        if self._rereads:
            self._rereads = False
            old = [entry for entry in self.entries.values() if entry.offset in self._taken]
            self.is_rereading = bool(old)
            if old:
                return old
        fresh = [entry for entry in self.entries.values() if entry.offset not in self._taken][:most]
        self._taken.update(entry.offset for entry in fresh)
        return fresh

    def commit(self, offsets: Sequence[str]) -> None:
        self._check()
        for offset in offsets:
            self.entries.pop(offset, None)

    def hold(self) -> bool:
        return True

    def has_gained(self) -> bool:
        return False

    def places(self, entries: Sequence[Entry]) -> tuple[()]:  # noqa: ARG002  one reader has all
        return ()

    def may_repeat(self, entries: Sequence[Entry]) -> bool:  # noqa: ARG002  all of them, or none
        return self.is_rereading

    def lag(self) -> int:
        return len(self.entries)

    def close(self) -> None:
        pass

    def rewind(self) -> None:
        self._rereads = True

    def waiting(self, *, most: int) -> list[Entry]:
        self._check()
        return list(reversed(self.entries.values()))[:most]

    def _check(self) -> None:
        if self.is_down:
            raise LogUnavailable("The log is down.")
