"""kill -9 of everything, under load: every acknowledged event is stored once (R1, R2, R12)."""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from clickhouse_driver import Client

from apps.ingestion.adapters.valkey_log import ValkeyLog
from apps.shared.local import postgres, stores
from apps.shared.local.layout import Layout, Ports
from apps.shared.local.ports import LOOPBACK
from apps.shared.local.service import Running, Service
from tests.ingestion.processes import Process, collect, wait_until, writer

KEY = "wk_chaos"
ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "1"))
VICTIMS = ("writer", "event_log", "clickhouse", "postgres", "collect")
SENDERS = 4

pytestmark = [pytest.mark.chaos, pytest.mark.e2e, pytest.mark.xdist_group("house")]


class House:
    """Stores, door and writer of its own, each of which can be killed and comes back."""

    def __init__(self, folder: Path, exits: ExitStack) -> None:
        self.layout = Layout.of(folder, Ports.free())
        self.services = {service.name: service for service in stores.prepare(self.layout)}
        self.running = {name: self._start(service) for name, service in self.services.items()}
        exits.callback(self._stop_stores)
        postgres.create_database(self.layout, "tributary")
        environment = {**os.environ, **self.layout.environment(), "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
        environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
        self._prepare(environment)
        self.processes = {
            "collect": exits.enter_context(collect(environment)),
            "writer": exits.enter_context(writer(environment)),
        }

    def kill_and_restart(self, name: str) -> None:
        """Kill a process at once, and bring it back as a supervisor would."""
        if name in self.processes:
            self.processes[name].kill()
            time.sleep(0.5)
            self.processes[name].start()
            return
        os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].process.wait()
        time.sleep(0.5)
        self.running[name] = self._start(self.services[name])

    def rows(self, prefix: str) -> list[str]:
        """Return the stored message ids that begin with *prefix*."""
        sql = "SELECT message_id FROM events WHERE message_id LIKE %(prefix)s"
        with Client(
            LOOPBACK, port=self.layout.ports.clickhouse, user="tributary", password=self.layout.secrets.clickhouse
        ) as client:
            return [message_id for (message_id,) in client.execute(sql, {"prefix": f"{prefix}%"})]

    def waiting(self) -> int:
        """Return how many deliveries are still on the log."""
        return ValkeyLog(self.layout.environment()["EVENT_LOG_URL"]).lag()

    def _prepare(self, environment: dict[str, str]) -> None:
        script = (
            "from django.core.management import call_command as run;"
            "run('migrate', verbosity=0, skip_checks=True);"
            "run('migrate', database='clickhouse', verbosity=0, skip_checks=True);"
            "from tests.factories.company import make_company;"
            f"make_company().shop.streams.update(write_key='{KEY}')"
        )

        code = f"import django; django.setup(); {script}"
        environment = {**environment, "TRIBUTARY_PROCESS": "collect"}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def _start(self, service: Service) -> Running:
        running = Running(service, self.layout.logs / f"{service.name}.log")
        running.wait_until_ready()
        return running

    def _stop_stores(self) -> None:
        for running in self.running.values():
            running.ask_to_stop()
        for running in self.running.values():
            running.finish(time.monotonic() + 10)


class Sender(threading.Thread):
    """Sends batches until told to stop; repeats what was not acknowledged, as clients do."""

    def __init__(self, port: int, name: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.port, self.prefix, self.stop = port, name, stop
        self.acknowledged: set[str] = set()
        self.refusals: Counter[int] = Counter()

    def run(self) -> None:
        """Send."""
        rng, numbers = random.Random(self.prefix), itertools.count()
        while not self.stop.is_set():
            ids = [f"{self.prefix}-{next(numbers)}" for _ in range(rng.randrange(1, 40))]
            while not self._sends(ids):
                if self.stop.is_set():
                    return
                time.sleep(0.1)
            if rng.random() < 0.1:
                self._sends(ids)  # a client that did not hear the answer

    def _sends(self, ids: list[str]) -> bool:
        batch = [{"type": "track", "event": "Order", "userId": "u", "messageId": message_id} for message_id in ids]
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1/batch",
            json.dumps({"batch": batch}).encode(),
            {"Authorization": "Basic " + b64encode(f"{KEY}:".encode()).decode()},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                results = json.load(answer)["results"]
        except urllib.error.HTTPError as error:
            self.refusals[error.code] += 1
            return False
        except (OSError, ValueError):
            self.refusals[0] += 1
            return False
        self.acknowledged.update(result["messageId"] for result in results if result["status"] == "accepted")
        return True


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
    wait_until(lambda: sender._sends(["during-0"]), 20, lambda: str(sender.refusals))
    assert set(sender.refusals) <= {0, 503}
    for name in ("clickhouse", "postgres"):
        os.killpg(house.running[name].pid, signal.SIGKILL)
        house.running[name].process.wait()

    assert all(sender._sends([f"during-{number}"]) for number in range(1, 20))

    for name in ("clickhouse", "postgres"):
        house.running[name] = house._start(house.services[name])
    wait_until(lambda: house.waiting() == 0, 90, house.processes["writer"].said)
    assert sorted(house.rows("during")) == sorted(f"during-{number}" for number in range(20))


def test_writer_that_is_asked_to_stop_finishes_its_block(house: House) -> None:
    sender = Sender(house.processes["collect"].port, "last", threading.Event())
    assert sender._sends(["last-one"])
    wait_until(lambda: house.rows("last") == ["last-one"], 30, house.processes["writer"].said)

    process: Process = house.processes["writer"]
    assert process.stop() == 0
    assert "writer.stopped" in process.said()
    process.start()
