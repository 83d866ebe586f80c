"""More than the door can take: it says so truthfully, and is well again at once (R1, R11)."""

import itertools
import json
import threading
import time
from base64 import b64encode
from collections import Counter

import pytest

from benchmarks import load
from tests.faults.conftest import OVERLOADED, Figures
from tests.ingestion.chaos_house import KEY, House
from tests.ingestion.processes import wait_until

BATCH = 50
AUTH = "Authorization: Basic " + b64encode(f"{KEY}:".encode()).decode() + "\r\n"

pytestmark = [pytest.mark.chaos, pytest.mark.e2e, pytest.mark.xdist_group("house")]


class Batches:
    """Requests of new events, numbered."""

    def __init__(self, prefix: str) -> None:
        self.prefix, self._numbers = prefix, itertools.count()

    def __call__(self) -> bytes:
        number = next(self._numbers)
        events = [
            {
                "type": "track",
                "event": "Look",
                "userId": f"u{number % 500}",
                "messageId": f"{self.prefix}{number}-{one}",
            }
            for one in range(BATCH)
        ]
        return load.http("POST", "/v1/batch", json.dumps({"batch": events}).encode(), AUTH)


def test_three_times_the_sustainable_load_is_answered_truthfully(house: House, figures: Figures) -> None:
    port = house.processes["collect"].port
    sustainable = load.run(port, Batches("over-s-"), connections=8, seconds=min(OVERLOADED / 3, 10))
    assert set(sustainable.statuses) == {200}
    found: list[load.Result] = []
    # Three clients on their own threads, each as many connections as saturate the door alone, each with many more.
    threads = [
        threading.Thread(
            target=lambda name=name: found.append(
                load.run(port, Batches(f"over-{name}-"), connections=64, seconds=OVERLOADED)
            )
        )
        for name in "abc"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(OVERLOADED + 60)
    assert len(found) == len(threads), "a connection was closed under load"

    began = time.monotonic()
    quick: list[float] = []
    while len(quick) < 20 and time.monotonic() - began < 30:  # twenty in a row within 100 ms
        one = load.run(port, Batches(f"over-after{len(quick)}-{time.monotonic()}-"), connections=1, seconds=0)
        quick = [*quick, one.percentile(1)] if one.statuses == Counter({200: 1}) and one.percentile(1) < 100 else []
    recovered = time.monotonic() - began
    statuses = sum((one.statuses for one in found), Counter())
    answered = sum(len(one.waits) for one in found)
    wait_until(lambda: house.waiting() == 0, 300, house.processes["writer"].said)
    drained = time.monotonic() - began
    (((rows, distinct),), accepted) = (
        house.select("SELECT count(), uniqExact(message_id) FROM events WHERE message_id LIKE 'over-_-%'"),
        (statuses[200] + sustainable.statuses[200]) * BATCH,
    )
    worst = max(one.percentile(0.99) for one in found)

    figures.add(
        f"3 x 64 connections for {OVERLOADED:.0f} s, where 8 saturate the door",
        f"{sustainable.per_second * BATCH:,.0f} events/s sustainable; answers {dict(statuses)} "
        f"to {answered:,} requests, p99 {worst:,.0f} ms; {accepted:,} events acknowledged, "
        f"{rows:,} rows, {distinct:,} distinct; quick again after {recovered:.1f} s, log empty after {drained:.1f} s",
    )
    assert set(statuses) <= {200, 429, 503}
    assert recovered < 10
    assert (rows, distinct) == (accepted, accepted)
