"""What an import did not understand, in a file beside the work, and how often each thing happened."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path


class ImportReport:
    """Counts, and a CSV file of what was not taken, begun with the first such row; a resumed import adds to it."""

    def __init__(self, path: Path, columns: tuple[str, ...], *, is_resumed: bool) -> None:
        self.path, self._columns = path, columns
        self.reasons: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self._is_begun = is_resumed and path.exists()
        if not is_resumed:
            path.unlink(missing_ok=True)

    def add(self, rejected: Iterable[tuple[object, ...]], kinds: Mapping[str, int], skipped: Mapping[str, int]) -> None:
        """Count a part, and write down what was not taken of it."""
        self.kinds.update(kinds)
        self.skipped.update(skipped)
        rows = list(rejected)
        if not rows:
            return
        self.reasons.update(str(row[self._columns.index("reason")]) for row in rows)
        with self.path.open("a", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines)
            if not self._is_begun:
                writer.writerow(self._columns)
            writer.writerows(rows)
        self._is_begun = True

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
