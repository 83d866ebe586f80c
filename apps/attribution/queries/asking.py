"""How figures are asked for: what nothing has changed since is remembered, the rest is asked side by side.

Journeys change only while they are built. A build that begins takes the name of their state away, one that changed
them leaves a new name: an answer kept under a name that stood before and after the reading is exact.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from apps.attribution.adapters import kept_answers
from apps.attribution.models import Watermark
from apps.shared import behalf, clickhouse, regions

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")
Rows = list[tuple[Any, ...]]
# ClickHouse spreads each statement over its cores; this only fills the gaps while one is planned or sent.
_SIDE_BY_SIDE = 4
_threads = ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="asking")


@dataclass(frozen=True, slots=True)
class Asked(Generic[Answer]):
    """A question in SQL, and how the rows that answer it are read."""

    property_id: int
    sql: str
    values: Mapping[str, Any]
    read: Callable[[Rows], Answer]

    @property
    def name(self) -> str:
        """A name that no other question has; the same one of a reader who is limited is another question."""
        text = repr((self.property_id, self.sql, sorted(self.values.items()), behalf.current().limits))
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class Query(Generic[Parameters, Answer]):
    """A function that prepares a question. Called, it answers at once; `asked` leaves the answer to `together`."""

    def __init__(self, prepare: Callable[Parameters, Asked[Answer]]) -> None:
        self.asked = prepare
        update_wrapper(self, prepare)

    def __call__(self, *args: Parameters.args, **options: Parameters.kwargs) -> Answer:
        """Return the answer."""
        (answer,) = together(self.asked(*args, **options))
        return answer  # type: ignore[no-any-return]


def together(*questions: Asked[Any]) -> tuple[Any, ...]:
    """Return the answers to some questions about one property, in their order."""
    region = regions.of_property(questions[0].property_id)  # here, so that no thread has to look it up
    state = _state(questions[0].property_id)
    kept = kept_answers.read(region, state, [one.name for one in questions]) if state else {}
    missing = [one for one in questions if one.name not in kept]
    found = dict(zip((one.name for one in missing), _side_by_side(missing), strict=True))
    if found and state and state == _state(questions[0].property_id):
        kept_answers.keep(region, state, found)
    rows = kept | found
    return tuple(one.read(rows[one.name]) for one in questions)


def _state(property_id: int) -> str:
    """Return the name of the state that a property's journeys are in, or nothing while they may be changing."""
    state = Watermark.objects.filter(property_id=property_id).values_list("journeys_state", flat=True).first()
    return str(state or "")


def _side_by_side(questions: Sequence[Asked[Any]]) -> Iterable[Rows]:
    if len(questions) == 1:
        return [_rows(questions[0])]
    # No thread of these touches Django's connections: they would not be closed at the end of the request.
    asked = [_threads.submit(copy_context().run, _rows, one) for one in questions]
    return [future.result() for future in asked]


def _rows(question: Asked[Any]) -> Rows:
    return clickhouse.select(question.sql, _row, property_id=question.property_id, **question.values)


def _row(*values: Any) -> tuple[Any, ...]:
    return values
