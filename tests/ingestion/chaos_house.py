"""A house for chaos: stores, door and writer of its own, each of which can be killed, and clients that send again."""

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
from contextlib import ExitStack
from http.client import HTTPException
from pathlib import Path
from typing import Any
from zlib import crc32

from clickhouse_driver import Client

from apps.ingestion.adapters.valkey_log import ValkeyLog
from apps.shared.local import postgres, stores
from apps.shared.local.layout import Layout, Ports
from apps.shared.local.ports import LOOPBACK
from apps.shared.local.service import Running, Service
from tests.ingestion.processes import collect, worker, writer

KEY = "wk_chaos"


class House:
    """Stores, door and writer of its own, each of which can be killed and comes back."""

    def __init__(self, folder: Path, exits: ExitStack, *, with_worker: bool = False) -> None:
        self.layout = Layout.of(folder, Ports.free())
        self.services = {service.name: service for service in stores.prepare(self.layout)}
        self.running = {name: self.start(service) for name, service in self.services.items()}
        exits.callback(self._stop_stores)
        postgres.create_database(self.layout, "tributary")
        environment = {**os.environ, **self.layout.environment(), "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
        environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
        self.environment = environment
        self._prepare(environment)
        self.processes = {
            "collect": exits.enter_context(collect(environment)),
            "writer": exits.enter_context(writer(environment)),
        }
        if with_worker:
            self.processes["worker"] = exits.enter_context(worker(environment))

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
        self.running[name] = self.start(self.services[name])

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a part and to whatever it has started."""
        pid = self.processes[name].popen.pid if name in self.processes else self.running[name].pid
        os.killpg(pid, number)

    def rows(self, prefix: str) -> list[str]:
        """Return the stored message ids that begin with *prefix*."""
        sql = "SELECT message_id FROM events WHERE message_id LIKE %(prefix)s"
        with Client(
            LOOPBACK, port=self.layout.ports.clickhouse, user="tributary", password=self.layout.secrets.clickhouse
        ) as client:
            return [message_id for (message_id,) in client.execute(sql, {"prefix": f"{prefix}%"})]

    def select(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a statement."""
        with Client(
            LOOPBACK, port=self.layout.ports.clickhouse, user="tributary", password=self.layout.secrets.clickhouse
        ) as client:
            found: list[tuple[Any, ...]] = client.execute(sql)
        return found

    def log(self) -> ValkeyLog:
        """Return a client of the log."""
        return ValkeyLog(self.layout.environment()["EVENT_LOG_URL"])

    def ask(self, code: str) -> str:
        """Run *code* in a process of the product, for the installation, and return what it prints."""
        prelude = "import django; django.setup(); from apps.shared import behalf; behalf.serve_everybody()"
        done = subprocess.run(
            [sys.executable, "-c", f"{prelude}; {code}"],
            env={**self.environment, "TRIBUTARY_PROCESS": "worker"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def waiting(self) -> int:
        """Return how many deliveries are still on the log."""
        return self.log().lag()

    def _prepare(self, environment: dict[str, str]) -> None:
        code = (
            "import django; django.setup(); from apps.shared import behalf; behalf.serve_everybody();"
            "from tests.factories.company import make_company;"
            f"make_company().shop.streams.update(write_key='{KEY}')"
        )
        migrate = ("manage.py", "migrate", "--verbosity=0", "--skip-checks")
        self._run(environment | self.layout.owner_environment(), *migrate)
        self._run(environment, *migrate, "--database=clickhouse")
        self._run(environment, "-c", code)

    def _run(self, environment: dict[str, str], *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def start(self, service: Service) -> Running:
        running = Running(service, self.layout.logs / f"{service.name}.log")
        running.wait_until_ready()
        return running

    def _stop_stores(self) -> None:
        for running in self.running.values():
            running.ask_to_stop()
        for running in self.running.values():
            running.finish(time.monotonic() + 10)


class Sender(threading.Thread):
    """Sends batches until told to stop or done; repeats what was not acknowledged, as clients do.

    *sizes* bound a batch, *most* the events in all, *pause* the seconds between batches. *twice* is the share of
    batches that are sent again although they were acknowledged. Every tenth event is an order of 1.00.
    """

    def __init__(
        self,
        port: int,
        name: str,
        stop: threading.Event,
        *,
        key: str = KEY,
        persons: int = 1,
        sizes: tuple[int, int] = (1, 40),
        most: int = 10**9,
        twice: float = 0.1,
        pause: float = 0,
    ) -> None:
        super().__init__(daemon=True)
        self.port, self.prefix, self.stop, self.key, self.persons = port, name, stop, key, persons
        self.sizes, self.most, self.twice = sizes, most, twice
        self.pause = pause
        self.acknowledged: set[str] = set()
        self.unsure: set[str] = set()  # sent when it was told to stop, and not acknowledged
        self.repeated = 0
        self.refusals: Counter[int] = Counter()

    def run(self) -> None:
        """Send."""
        rng, sent = random.Random(self.prefix), 0
        while not self.stop.is_set() and sent < self.most:
            size = min(rng.randrange(*self.sizes), self.most - sent)
            ids = [f"{self.prefix}-{number}" for number in range(sent, sent + size)]
            sent += size
            time.sleep(self.pause)
            if not self._insists(ids):
                return
            if rng.random() < self.twice:  # a client that did not hear the answer
                self.repeated += size
                if not self._insists(ids):
                    return

    def _insists(self, ids: list[str]) -> bool:
        while not self.sends(ids):
            if self.stop.is_set():
                self.unsure.update(ids)
                return False
            time.sleep(0.1)
        return True

    def sends(self, ids: list[str]) -> bool:
        """Send one batch, and tell whether it was acknowledged."""
        body = f'{{"batch":[{",".join(map(self._event, ids))}]}}'.encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1/batch",
            body,
            {"Authorization": "Basic " + b64encode(f"{self.key}:".encode()).decode()},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                results = json.load(answer)["results"]
        except urllib.error.HTTPError as error:
            self.refusals[error.code] += 1
            return False
        except (OSError, ValueError, HTTPException):  # also one that the door was killed in the middle of
            self.refusals[0] += 1
            return False
        self.acknowledged.update(result["messageId"] for result in results if result["status"] == "accepted")
        return True

    def _event(self, message_id: str) -> str:
        person = f"{self.prefix}-{crc32(message_id.encode()) % self.persons}"
        what = '"event":"Order","properties":{"revenue":1}' if is_order(message_id) else '"event":"Look"'
        return f'{{"type":"track",{what},"userId":"{person}","messageId":"{message_id}"}}'


def is_order(message_id: str) -> bool:
    """Tell whether a message of a sender is an order of 1.00."""
    return message_id.endswith("0")
