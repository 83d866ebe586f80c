"""Which shares of the log belong to which writer, as the turn knows it and not as the log told it some time ago.

A writer claims a share before it judges what it read of it, and each of its turns looks whether the share is still
its own. So one that stood still inserts nothing that it judged before another took over (ADR 0103).
"""

import json
import uuid
from collections.abc import Collection, Mapping

from django.db import connection

from apps.ingestion.domain.ports import StoreUnavailable

_CLAIM = "UPDATE ingestion_insertturn SET owners = owners || %(owners)s::jsonb WHERE id = %(turn)s"


class TakenOver(StoreUnavailable):
    """Another writer has a share of the log since this one judged what it read of it. Read and judge it again."""


class Claims:
    """The shares that one writer has claimed, and those that its inserts are about."""

    def __init__(self) -> None:
        self._owner = uuid.uuid4().hex
        self._claimed: frozenset[str] = frozenset()
        self._now: frozenset[str] = frozenset()

    def are_new(self, shares: Collection[str]) -> bool:
        """Let what is inserted from now on be about *shares*; tell whether some are still to be claimed."""
        self._now = frozenset(shares)
        return not self._now <= self._claimed

    def claim(self, number: int) -> None:
        """Make this writer the owner of those shares. Part of the transaction of turn *number*."""
        with connection.cursor() as cursor:
            owners = json.dumps(dict.fromkeys(self._now, self._owner))
            cursor.execute(_CLAIM, {"turn": number, "owners": owners})

    def note(self) -> None:
        """Note that the turn of the claim is over."""
        self._claimed |= self._now

    def check(self, owners: Mapping[str, str]) -> None:
        """Raise TakenOver if another writer owns one of those shares."""
        lost = {share for share in self._now if owners.get(share) != self._owner}
        if lost:
            self._claimed -= lost
            raise TakenOver(f"Another writer has taken over {len(lost)} shares of the log.")
