"""The turn of the writers: one row in PostgreSQL, locked by whoever inserts, is the clock of all of them."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from django.db import DatabaseError, InterfaceError, connection, transaction

from apps.ingestion.domain.ports import StoreUnavailable

_BEGIN = "INSERT INTO ingestion_insertturn (id, newest) VALUES (%(turn)s, 0) ON CONFLICT (id) DO NOTHING"
_HOLD = "SELECT newest, months, owners FROM ingestion_insertturn WHERE id = %(turn)s FOR UPDATE"
_TAKE = "UPDATE ingestion_insertturn SET newest = %(moment)s WHERE id = %(turn)s"
_END = "UPDATE ingestion_insertturn SET months = months || %(months)s::jsonb WHERE id = %(turn)s"


class Turn(NamedTuple):
    """One turn: its moment, that of the one before, the last moment of each month, of events and of ends, which
    writer owns each share of the log, and until when its blocks are good (seconds since 1970, 0 for ever).
    """

    moment: int
    before: int
    months: dict[str, int]
    owners: dict[str, str]
    until: int

    def token(self, month: str) -> str:
        """Return the name of a block into *month*, which whoever holds this turn would give it (ADR 0098)."""
        return f"after-{month}-{self.months.get(month, 0)}"


class Overtaken(Exception):
    """The store has a block of another writer under the name of ours."""

    def __init__(self, month: str, since: int) -> None:
        super().__init__(month)
        self.month, self.since = month, since


@contextmanager
def turn(number: int, *, until: int = 0) -> Iterator[Turn]:
    """Hold the turn; its moment is later than the one before, which comes along, whatever the machines' clocks say.

    Raises StoreUnavailable.
    """
    try:
        connection.close_if_unusable_or_obsolete()
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_HOLD, {"turn": number})  # waits here for the others
                if (row := cursor.fetchone()) is None:  # the first turn ever; somebody else may be taking it
                    cursor.execute(_BEGIN, {"turn": number})
                    cursor.execute(_HOLD, {"turn": number})
                    row = cursor.fetchone()
                before, months, owners = row
                moment = max(before + 1, time.time_ns() // 1_000_000)
                cursor.execute(_TAKE, {"turn": number, "moment": moment})
            yield Turn(moment, before, _object(months), _object(owners), until)
    except (DatabaseError, InterfaceError) as error:
        raise StoreUnavailable(f"The turn to insert cannot be had: {error}") from error


def _object(found: str | dict[str, Any]) -> dict[str, Any]:
    return json.loads(found) if isinstance(found, str) else found


def end_turn(number: int, months: Mapping[str, int]) -> None:
    """Note the last moment of *months*, for whoever holds the turn. Part of its transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_END, {"turn": number, "months": json.dumps(months)})


def by_month(moments: Sequence[object], without: Mapping[int, int] | frozenset[int]) -> dict[str, list[int]]:
    """Return the indexes of *moments* (milliseconds), but *without* some, by month as the store has its partitions:
    202611.
    """
    found = np.array(moments, dtype="datetime64[ms]").astype("datetime64[M]").tolist()
    names = {month: f"{month:%Y%m}" for month in set(found)}
    months: dict[str, list[int]] = {}
    for at, month in enumerate(found):
        if at not in without:
            months.setdefault(names[month], []).append(at)
    return months


def rows_of(columns: Mapping[str, Sequence[object]], places: Sequence[int]) -> Mapping[str, Sequence[object]]:
    """Return some rows of a block; the block itself if those are all."""
    if len(places) == len(next(iter(columns.values()))):
        return columns
    return {name: [one[at] for at in places] for name, one in columns.items()}
