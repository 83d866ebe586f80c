"""What expectations cost in the writer: processor time of an event with none, ten and a hundred of them.

The writer runs whole, between a log and a store that cost nothing, so that the difference is theirs alone.
"""

import json
import random
import time
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from apps.ingestion.domain.ports import Inserted
from benchmarks.collect import event
from benchmarks.rows import Row, row

_EVENTS, _ROUNDS = 20_000, 5
_CASES = (None, 0, 10, 100)
_KINDS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("properties.revenue", "range", {"min": -1e9, "max": 1e9}),
    ("properties.currency", "in_set", {"values": ["EUR", "USD"]}),
    ("properties.order_id", "regex", {"pattern": ".{0,80}"}),
    ("properties.quantity", "type", {"types": ["integer"]}),
    ("anonymousId", "not_null", {}),
)


class _Log:
    """Holds entries, and takes them back when it is told to."""

    is_rereading, partitions = False, 1

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def append(self, body: bytes, *, partition: int = 0) -> str:  # noqa: ARG002  there is one
        self.bodies.append(body)
        return str(len(self.bodies))

    def places(self, entries: Sequence[Any]) -> tuple[()]:  # noqa: ARG002
        return ()

    def may_repeat(self, entries: Sequence[Any]) -> bool:  # noqa: ARG002
        return False

    def commit(self, offsets: Sequence[str]) -> None:
        """Forget nothing: every case reads the same."""


class _Store:
    """Takes everything and keeps nothing."""

    def claim(self, shares: object) -> bool:  # noqa: ARG002
        return False

    def now(self) -> int:
        return 0

    def deadline(self) -> int:
        return 0

    def insert(self, table: str, columns: object, *, token: str, until: int = 0) -> Inserted:  # noqa: ARG002
        return Inserted()

    def count_stamped(self, moment: int, *, month: int) -> int:  # noqa: ARG002
        return 0

    def received(self, ids: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:  # noqa: ARG002
        return {}

    def ended(self, offsets: Sequence[str], **_bounds: object) -> Iterator[Any]:  # noqa: ARG002
        return iter(())

    def newest_stored_at(self) -> int:
        return 0

    def id_hashes(self, *, since: int = 0) -> Iterator[Any]:  # noqa: ARG002
        return iter(())


class _Inspection:
    def __init__(self, plan: Any) -> None:
        self._plan = plan

    def inspector_of(self, property_id: int) -> Any:  # noqa: ARG002  there is one
        return self._plan

    def tally(self) -> Any:
        from apps.quality.domain.tallies import BlockTally

        return BlockTally()

    def marks(self, shares: object) -> dict[str, Any]:  # noqa: ARG002  one writer alone
        return {}


def run() -> list[Row]:
    """Measure every case in turn, round by round, and return the medians."""
    log = _filled()
    found: dict[int | None, list[float]] = {case: [] for case in _CASES}
    for _ in range(_ROUNDS):
        for case in _CASES:
            found[case].append(_microseconds(log, case))
    plain = median(found[None])
    note = f"of the writer's own processor time; {plain:.1f} without any inspection; the store takes no time"
    return [
        row(f"writer: an event with {case} expectations", round(median(found[case]), 2), "µs", "", note)
        for case in _CASES
        if case is not None
    ]


def _filled() -> _Log:
    from apps.ingestion import services
    from apps.ingestion.domain.events import Surroundings

    log, rng = _Log(), random.Random(2)
    about = Surroundings(1, 1, "web", "EUR", frozenset(), frozenset())
    for _ in range(_EVENTS // 100):
        batch = [json.dumps(event(rng)).encode() for _ in range(100)]
        sender = services.Sender(about, time.time_ns() // 1_000_000)
        services.accept(batch, kind="", sender=sender, batch_sent_at=None, largest=32_768, new_id=lambda: "", log=log)  # type: ignore[arg-type]
    return log


def _microseconds(log: _Log, case: int | None) -> float:
    """Return the processor time of one event."""
    from apps.ingestion.domain.events import Surroundings
    from apps.ingestion.domain.ports import Entry
    from apps.ingestion.domain.seen import SeenIds
    from apps.ingestion.services import Writer

    about = Surroundings(1, 1, "web", "EUR", frozenset(), frozenset())
    writer = Writer(
        log=log,  # type: ignore[arg-type]
        store=_Store(),
        seen=SeenIds(),
        rules_of=lambda _delivery: about,
        clock=lambda: time.time_ns() // 1_000_000,
        tell=lambda _news: None,
        inspection=None if case is None else _Inspection(_plan(case)),
    )
    entries = [Entry(str(number), 1, body) for number, body in enumerate(log.bodies)]
    writer.write(entries[:10])  # tables of user agents are read
    began = time.process_time()
    events = writer.write(entries[10:]).stored
    return (time.process_time() - began) / events * 1e6


def _plan(size: int) -> Any:
    """Return a plan of *size* expectations, or None: where nothing is expected, there is no plan."""
    from apps.quality.domain.plans import Plan
    from apps.quality.domain.rules import Kind, Rule

    rules = []
    for number in range(size):
        field, kind, parameters = _KINDS[number % len(_KINDS)]
        rules.append(Rule(number + 1, f"e{number}", Kind(kind), field, parameters))
    return Plan(1, rules) if rules else None
