"""What of a round is written at once, and the name by which the store knows it again."""

import hashlib
from collections.abc import Iterator, Sequence

from apps.ingestion.domain.ports import Entry

# Bytes of entries in one block, some 17,000 events. Changing it changes the tokens of blocks that a crash left behind.
_BLOCK = 12 * 1024 * 1024


def blocks_of(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """Yield *entries* in parts that depend on nothing else, so that the same entries make the same blocks again."""
    start = size = 0
    for end, entry in enumerate(entries, start=1):
        size += len(entry.body)
        if size >= _BLOCK or end == len(entries):
            yield entries[start:end]
            start, size = end, 0


def token_of(entries: Sequence[Entry], kept: Sequence[str] = ()) -> str:
    """Return the name of a block: the same entries, of which the same are *kept* back, give the same name."""
    named = [entry.offset for entry in entries] + (["kept", *kept] if kept else [])
    return hashlib.sha256(" ".join(named).encode()).hexdigest()[:32]
