"""What an import did not understand, in a file beside the work, and how often each thing happened."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_FULL = {"reason": "report_full", "field": "", "detail": "What follows is counted, and no longer listed."}


class ImportReport:
    """Counts, and a CSV file of what was not taken, begun with the first such row.

    *before* is the state of an import that broke off, which is gone on with: its counts hold, and what it wrote after
    that state was noted is cut off and comes again. From *most* bytes on what comes is only counted, 0 for never.
    """

    def __init__(self, path: Path, columns: tuple[str, ...], *, before: Mapping[str, Any], most: int = 0) -> None:
        self.path, self._columns, self._most = path, columns, most
        self.rows: int = before.get("rows", 0)
        self.events: int = before.get("events", 0)
        self.reasons: Counter[str] = Counter(before.get("reasons", {}))
        self.kinds: Counter[str] = Counter(before.get("kinds", {}))
        self.skipped: Counter[str] = Counter(before.get("skipped", {}))
        size = min(before.get("size", 0), path.stat().st_size if path.exists() else 0)
        self._size = size
        if size:
            with path.open("r+b") as lines:
                lines.truncate(size)
        else:
            path.unlink(missing_ok=True)

    def add(self, rejected: Iterable[tuple[object, ...]], kinds: Mapping[str, int], skipped: Mapping[str, int]) -> None:
        """Count a part, and write down what was not taken of it."""
        self.kinds.update(kinds)
        self.skipped.update(skipped)
        rows = list(rejected)
        if not rows:
            return
        self.reasons.update(str(row[self._columns.index("reason")]) for row in rows)
        if self._is_full():
            return
        with self.path.open("a", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines)
            if not self._size:
                writer.writerow(self._columns)
            writer.writerows(rows)
            self._size = lines.tell()
            if self._is_full():
                last = dict(zip(self._columns, rows[-1], strict=True)) | _FULL
                writer.writerow([last[name] for name in self._columns])
                self._size = lines.tell()

    def _is_full(self) -> bool:
        return bool(self._most) and self._size >= self._most

    def state(self) -> dict[str, Any]:
        """Return what an import that breaks off here is gone on with."""
        counts = {name: dict(getattr(self, name)) for name in ("reasons", "kinds", "skipped")}
        return {"rows": self.rows, "events": self.events, "size": self._size, **counts}

    def lines(self) -> list[str]:
        """Return what happened, a line for each kind of thing."""
        found = [f"{title}: {_counts(counts)}" for title, counts in self._parts() if counts]
        return found + ([f"Row by row: {self.path}"] if self.reasons else [])

    def _parts(self) -> list[tuple[str, Counter[str]]]:
        return [
            ("Events", self.kinds),
            ("Left out by the mapping", self.skipped),
            ("Not understood", self.reasons),
        ]


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())
