"""Which of the events stored of late no build has seen, told by how many were stored in each second.

A writer stamps a block before it is visible, so a block can appear beside, or before, what a build has already seen.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

# How long a block may take from its stamp until it is visible.
OVERLAP = timedelta(seconds=60)


def counted_from(stored_to: datetime) -> datetime:
    """Return the whole second from which stored events are counted anew, given the newest stamp that was built."""
    return (stored_to - OVERLAP).replace(microsecond=0)


def unseen_from(stored_to: datetime, seen: Mapping[str, int], found: Mapping[str, int]) -> datetime:
    """Return the instant after which everything stored must be read.

    Parameters
    ----------
    stored_to : datetime
        The newest stamp that was built.
    seen, found : mapping of str to int
        Events by the second of their stamp (Unix time, as text for JSON): those of the last build, and those of now.
    """
    news = [int(second) for second, count in found.items() if seen.get(second) != count]
    if not news:
        return stored_to
    return datetime.fromtimestamp(min(news), UTC) - timedelta(milliseconds=1)


def of_last_minute(found: Mapping[str, int], stored_to: datetime | None) -> dict[str, int]:
    """Return the seconds that the next build will count again; after a long absence of builds *found* has many more."""
    if stored_to is None:
        return {}
    first = int(counted_from(stored_to).timestamp())
    return {second: count for second, count in found.items() if int(second) >= first}
