"""Columns that nobody reads: of a table its header has them all, of JSON Lines each row may bring others."""

from collections.abc import Iterable

from apps.ingestion.domain.mapping import FileMapping, Row

_MOST = 200  # names; a file may have one of its own in every row
_LONGEST = 200


class UnreadColumns:
    """The columns that no template reads, as the rows bring them; none where rows are events already."""

    def __init__(self, mapping: FileMapping, before: Iterable[str] = ()) -> None:
        self._is_mapped, self._known = bool(mapping.templates), mapping.columns()
        self.names = set(before)

    def add(self, row: Row | None) -> list[str]:
        """Look at a row, and return the names that are new."""
        if row is None or not self._is_mapped or len(self.names) >= _MOST:
            return []
        unread = {_told(name) for name in row.keys() - self._known}
        new = sorted(unread - self.names)[: _MOST - len(self.names)]
        self.names.update(new)
        return new


def _told(name: str) -> str:
    """Return a name as a store takes it: short, and without NUL and halves of characters."""
    return name[:_LONGEST].replace("\0", "\ufffd").encode(errors="replace").decode()
