"""A million events, a fifth twice, while everything is killed at random: rows and reports are exact (R1, R2)."""

import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.ingestion.chaos_house import House, Sender, is_order
from tests.ingestion.processes import wait_until

EVENTS = int(os.environ.get("CHAOS_EVENTS", "1000000"))
KILLS = int(os.environ.get("CHAOS_KILLS", "12"))
VICTIMS = ("collect", "writer", "event_log", "clickhouse")
SENDERS, BATCH = 4, 500
PAUSE = KILLS * 6 * SENDERS * BATCH / EVENTS  # seconds between batches, so that there is load under every kill
_REPORT = """
import json
from datetime import timedelta
from django.utils import timezone
from apps.attribution import api as attribution
from apps.orgs.models import Property
shop = Property.objects.get(slug='shop', organization__slug='fernweh')
goal = attribution.create_goal(property_id=shop.pk, made_by=None, name='Order', event_name='Order')
attribution.build_journeys(property_id=shop.pk, clock=timezone.now, is_full=True)
period = (timezone.now() - timedelta(days=2), timezone.now() + timedelta(days=2))
found = attribution.totals(shop.pk, goal_id=goal.pk, period=period)
print(json.dumps([found.conversions, str(found.revenue)]))
"""

pytestmark = [pytest.mark.chaos, pytest.mark.e2e, pytest.mark.xdist_group("house")]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A whole house for each test: every row in it is counted."""
    with ExitStack() as exits:
        yield House(tmp_path, exits)


def test_a_million_events_under_kills_are_exact_in_rows_and_reports(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    began, stop, rng = time.monotonic(), threading.Event(), random.Random()
    senders = [
        Sender(
            house.processes["collect"].port,
            f"million{number}",
            stop,
            persons=2_000,
            sizes=(BATCH - 200, BATCH + 200),
            pause=PAUSE,
            most=EVENTS // SENDERS,
            twice=0.2,
        )
        for number in range(SENDERS)
    ]
    for sender in senders:
        sender.start()

    kills: Counter[str] = Counter()
    victims = [victim for victim in VICTIMS for _ in range(max(KILLS // len(VICTIMS), 1))]
    rng.shuffle(victims)
    while victims or any(sender.is_alive() for sender in senders):
        time.sleep(rng.uniform(1.0, 4.0))
        if victims:
            kills[victims[-1]] += 1
            house.kill_and_restart(victims.pop())
    sent_in = time.monotonic() - began
    wait_until(lambda: house.waiting() == 0, 300, house.processes["writer"].said)
    stored_in = time.monotonic() - began

    acknowledged = set().union(*(sender.acknowledged for sender in senders))
    repeated = sum(sender.repeated for sender in senders)
    refusals = sum((sender.refusals for sender in senders), Counter())
    ((rows, distinct),) = house.select("SELECT count(), uniqExact(message_id) FROM events")
    conversions, value = json.loads(house.ask(_REPORT))
    orders = sum(map(is_order, acknowledged))
    with capsys.disabled():
        print(
            f"\nacknowledged {len(acknowledged):,} distinct events, {repeated:,} of them sent twice on purpose, "
            f"under {kills.total()} kills ({', '.join(f'{name} {count}' for name, count in kills.items())}) and "
            f"{refusals.total():,} refused requests ({dict(refusals)}): {rows:,} rows, {distinct:,} distinct; "
            f"{orders:,} orders, the report says {conversions:,} worth {value}; "
            f"sent in {sent_in:.0f} s, stored after {stored_in:.0f} s"
        )

    assert kills.total() >= min(10, KILLS)
    assert (rows, distinct) == (len(acknowledged), len(acknowledged))
    assert len(acknowledged) == EVENTS // SENDERS * SENDERS
    assert {name for (name,) in house.select("SELECT message_id FROM events")} == acknowledged
    assert (conversions, float(value)) == (orders, orders)
    assert set(refusals) <= {0, 503}


def test_door_accepts_while_clickhouse_is_down_until_the_log_is_full_and_loses_nothing(house: House) -> None:
    """R12: 503 with Retry-After comes before any loss, and ends when there is room again."""
    log = house.log()
    house.processes["writer"].kill()
    used = int(log._client.info("memory")["used_memory"])
    log._client.config_set("maxmemory", used + 8 * 1024 * 1024)
    sender = Sender(house.processes["collect"].port, "full", threading.Event(), sizes=(500, 501))

    batches = 0
    while sender.sends([f"full-{batches}-{number}" for number in range(500)]):
        batches += 1

    assert (sender.refusals, batches > 20) == (Counter({503: 1}), True)
    log._client.config_set("maxmemory", "1gb")
    house.processes["writer"].start()
    assert sender.sends(["full-after"])
    wait_until(lambda: house.waiting() == 0, 60, house.processes["writer"].said)
    assert sorted(house.rows("full")) == sorted(sender.acknowledged)
