"""kill -9 of everything, under load: every acknowledged event is stored once (R1, R2, R12)."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.ingestion.chaos_house import House, Sender
from tests.ingestion.processes import Process, wait_until

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "1"))
VICTIMS = ("writer", "event_log", "clickhouse", "postgres", "collect")
SENDERS = 4

pytestmark = [pytest.mark.chaos, pytest.mark.e2e, pytest.mark.xdist_group("house")]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A whole house, whose stores have been killed before in any order."""
    with ExitStack() as exits:
        yield House(tmp_path_factory.mktemp("house"), exits)


def test_killing_everything_loses_and_doubles_nothing(house: House) -> None:
    stop = threading.Event()
    senders = [Sender(house.processes["collect"].port, f"load{number}", stop) for number in range(SENDERS)]
    for sender in senders:
        sender.start()

    for victim in VICTIMS * ROUNDS:
        time.sleep(1.5)
        house.kill_and_restart(victim)
    time.sleep(2)
    stop.set()
    for sender in senders:
        sender.join(30)
    said = house.processes["writer"].said
    wait_until(lambda: house.waiting() == 0, 90, said)

    acknowledged = set().union(*(sender.acknowledged for sender in senders))
    rows = house.rows("load")
    counts = Counter(rows)
    doubled = [message_id for message_id, count in counts.items() if count > 1]
    assert acknowledged - set(rows) == set()
    assert doubled == []
    assert len(acknowledged) > 500
    refusals = sum((sender.refusals for sender in senders), Counter())
    assert set(refusals) <= {0, 503}, refusals


def test_door_keeps_accepting_while_clickhouse_and_postgresql_are_down(house: House) -> None:
    stop = threading.Event()
    sender = Sender(house.processes["collect"].port, "during", stop)
    # Another test may just have killed what the door talks to: a client that is told so sends again.
    wait_until(lambda: sender.sends(["during-0"]), 20, lambda: str(sender.refusals))
    assert set(sender.refusals) <= {0, 503}
    for name in ("clickhouse", "postgres"):
        os.killpg(house.running[name].pid, signal.SIGKILL)
        house.running[name].process.wait()

    assert all(sender.sends([f"during-{number}"]) for number in range(1, 20))

    for name in ("clickhouse", "postgres"):
        house.running[name] = house.start(house.services[name])
    wait_until(lambda: house.waiting() == 0, 90, house.processes["writer"].said)
    assert sorted(house.rows("during")) == sorted(f"during-{number}" for number in range(20))


def test_what_hangs_holds_up_nobody_for_long_and_loses_nothing(house: House) -> None:
    sender = Sender(house.processes["collect"].port, "hang", threading.Event())
    wait_until(lambda: sender.sends(["hang-0"]), 20)  # what another test of this house stopped may be on its way
    number = 0
    for name in ("postgres", "clickhouse", "valkey"):
        os.killpg(house.running[name].pid, signal.SIGSTOP)
        began = time.monotonic()
        while time.monotonic() - began < 12:  # longer than the door remembers what it looked up
            number += 1
            asked = time.monotonic()
            assert sender.sends([f"hang-{number}"]), sender.refusals
            assert time.monotonic() - asked < 6
            time.sleep(0.2)
        os.killpg(house.running[name].pid, signal.SIGCONT)

    os.killpg(house.running["event_log"].pid, signal.SIGSTOP)
    assert not sender.sends(["hang-log"])
    os.killpg(house.running["event_log"].pid, signal.SIGCONT)
    wait_until(lambda: sender.sends(["hang-log"]), 20)
    wait_until(lambda: house.waiting() == 0, 90, house.processes["writer"].said)
    assert sorted(house.rows("hang")) == sorted({"hang-log", *(f"hang-{one}" for one in range(number + 1))})
    assert set(sender.refusals) <= {503}


def test_writer_that_is_asked_to_stop_finishes_its_block(house: House) -> None:
    sender = Sender(house.processes["collect"].port, "last", threading.Event())
    assert sender.sends(["last-one"])
    wait_until(lambda: house.rows("last") == ["last-one"], 30, house.processes["writer"].said)

    process: Process = house.processes["writer"]
    assert process.stop() == 0
    assert "writer.stopped" in process.said()
    process.start()
