"""The Python SDK against a real door that dies, in processes that die."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tributary_sdk import Client

from apps.shared.local.layout import ROOT
from apps.shared.local.ports import free_port
from tests.ingestion.processes import Process
from tests.sdks.conftest import Arrived, answers

pytestmark = [pytest.mark.stores, pytest.mark.clickhouse, pytest.mark.xdist_group("sdk-browser")]
STREAM_KIND = "server"
SENT = "toUInt32OrZero(JSONExtractRaw(properties, 'n'))"


@pytest.fixture
def told() -> list[str]:
    """The reasons that the SDK told."""
    return []


@pytest.fixture
def client(running_collect: Process, key: str, told: list[str]) -> Iterator[Client]:
    """A client that keeps its events in memory."""
    with Client(key, f"http://127.0.0.1:{running_collect.port}", on_error=lambda why, _: told.append(why)) as one:
        yield one


def program(code: str, key: str, port: int, spool: Path) -> "subprocess.Popen[str]":
    """Run *code* in a process of its own, with a client that has a spool."""
    head = "import os, signal\nfrom tributary_sdk import Client\n"
    head += f"client = Client({key!r}, 'http://127.0.0.1:{port}', spool={str(spool)!r})\n"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "sdks" / "python" / "src")}
    return subprocess.Popen([sys.executable, "-c", head + code], env=environment, stdout=subprocess.PIPE, text=True)


def test_calls_of_many_threads_arrive_once(client: Client, arrived: Arrived, told: list[str]) -> None:
    def work(first: int) -> None:
        for n in range(first, first + 250):
            client.track("Ordered", user_id="ann", properties={"n": n})

    threads = [threading.Thread(target=work, args=(first,)) for first in range(0, 1000, 250)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert client.flush()
    arrived.wait(1000)
    assert sorted(row[0] for row in arrived.rows(SENT)) == list(range(1000))
    assert told == []


def test_every_call_arrives_and_bad_ones_are_told(client: Client, arrived: Arrived, told: list[str]) -> None:
    client.identify("ann", anonymous_id="a-1", traits={"plan": "pro"})
    client.track("Order Completed", user_id="ann", properties={"revenue": Decimal("49.90"), "currency": "EUR"})
    client.page("Docs", anonymous_id="a-1", context={"page": {"url": "https://shop.example/?utm_source=news"}})
    client.screen("Cart", user_id="ann")
    client.group("acme", user_id="ann")
    client.alias("ann", "old")
    assert not client.track("", user_id="ann")
    assert not client.track("Nobody")
    assert not client.track("Strange", user_id="ann", properties={"what": object()})
    assert client.track("Order Completed", user_id="ann", properties={"revenue": "a lot"})
    assert client.flush()

    arrived.wait(6)
    assert told == ["no_name", "no_identity", "not_json", "bad_amount"]
    assert ("track", "49.9") in arrived.rows("kind, toString(value)")
    assert ("page", "news") in arrived.rows("kind, source")


def test_door_hears_the_groups_of_onetrust_in_what_a_server_passes_on(
    client: Client, arrived: Arrived, told: list[str]
) -> None:
    """R8: the refusal holds for the calls after it that say nothing."""
    who = str(uuid4())  # of this test alone: the door remembers a refusal
    client.track("Given", user_id=who, consent={"C0001": True, "C0002": True, "C0004": False})
    client.track("Refused", user_id=who, consent={"C0001": True, "C0002": False})
    assert client.flush()
    client.track("After", user_id=who)
    assert client.flush()

    arrived.wait(1)
    assert told == ["consent_denied"] * 2
    assert arrived.rows("name") == [("Given",)]


@pytest.mark.parametrize(
    "strange",
    [
        {"timestamp": datetime.min},  # noqa: DTZ901  a time that no zone can hold
        {"context": "no mapping"},
        {"properties": {"text": "\ud800"}},
        {"properties": {"n": float("nan")}},
        {"properties": {"text": "x" * 40_000}},
        {"message_id": "m" * 513},
    ],
    ids=["time out of range", "context", "surrogate", "nan", "huge", "long id"],
)
def test_strange_call_is_told_and_never_raises(told: list[str], strange: dict[str, Any]) -> None:
    client = Client("wk", "http://127.0.0.1:9", on_error=lambda why, _: told.append(why))

    assert not client.track("Ordered", user_id="ann", **strange)
    assert len(told) == 1
    client.close(0.1)


def test_ids_may_be_uuids(client: Client, arrived: Arrived) -> None:
    who = UUID("12345678-1234-5678-1234-567812345678")

    assert client.track("Ordered", user_id=who, properties={"basket": who})  # type: ignore[arg-type]
    assert client.flush()

    arrived.wait(1)
    assert arrived.rows("user_id") == [(str(who),)]


def test_outage_of_the_door_loses_nothing(client: Client, arrived: Arrived, running_collect: Process) -> None:
    running_collect.kill()
    for n in range(300):
        assert client.track("Ordered", user_id="ann", properties={"n": n})
    assert not client.flush(0.5)

    running_collect.start()
    answers(running_collect)

    assert client.flush(20)
    arrived.wait(300)


def test_killed_process_leaves_its_events_to_the_next(
    arrived: Arrived, running_collect: Process, key: str, tmp_path: Path
) -> None:
    code = "for n in range(2500): client.track('Ordered', user_id='ann', properties={'n': n})\n"
    dead = program(f"{code}os.kill(os.getpid(), signal.SIGKILL)", key, free_port(), tmp_path)
    assert dead.wait(30) == -signal.SIGKILL
    assert len(list(tmp_path.glob("*.events"))) == 3

    next_one = program("print(client.flush(20))", key, running_collect.port, tmp_path)

    assert (next_one.communicate(timeout=30)[0], next_one.returncode) == ("True\n", 0)
    arrived.wait(2500)
    assert sorted(row[0] for row in arrived.rows(SENT)) == list(range(2500))
    assert list(tmp_path.iterdir()) == []


def test_process_killed_while_it_delivers_loses_and_doubles_nothing(
    arrived: Arrived, running_collect: Process, key: str, tmp_path: Path
) -> None:
    code = """
for n in range(3000):
    client.track('Ordered', user_id='ann', properties={'n': n})
    if n % 500 == 0: print(n, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    program(code, key, running_collect.port, tmp_path).communicate(timeout=30)

    last = program("", key, running_collect.port, tmp_path)

    last.communicate(timeout=30)
    arrived.wait(3000)
    assert sorted(row[0] for row in arrived.rows(SENT)) == list(range(3000))


def test_end_of_a_process_delivers_what_waits(
    arrived: Arrived, running_collect: Process, key: str, tmp_path: Path
) -> None:
    ended = program("client.track('Ordered', user_id='ann')", key, running_collect.port, tmp_path)

    assert ended.wait(30) == 0
    arrived.wait(1)


def test_both_sides_of_a_fork_deliver(arrived: Arrived, running_collect: Process, key: str, tmp_path: Path) -> None:
    code = """
client.track('Ordered', user_id='before')
child = os.fork()
client.track('Ordered', user_id='child' if child == 0 else 'parent')
client.close()
if child: os.waitpid(child, 0)
else: os._exit(0)
"""
    forked = program(code, key, running_collect.port, tmp_path)

    assert forked.wait(30) == 0
    arrived.wait(3)
    assert sorted(row[0] for row in arrived.rows("user_id")) == ["before", "child", "parent"]


def test_full_queue_and_closed_client_say_so(key: str) -> None:
    told: list[Any] = []
    client = Client(key, f"http://127.0.0.1:{free_port()}", most_waiting=2, on_error=lambda *all_: told.append(all_))

    taken = [client.track("Ordered", user_id="ann") for _ in range(3)]
    assert not client.close(0.2)
    taken.append(client.track("Ordered", user_id="ann"))

    assert taken == [True, True, False, False]
    assert [reason for reason, _ in told] == ["queue_full", "not_delivered", "not_delivered", "closed"]


def test_package_installs_and_needs_nothing(tmp_path: Path) -> None:
    uv = [str(Path(sys.executable).with_name("uv")), "pip", "install", "--quiet", "--offline", "--no-deps"]
    target = ["--no-build-isolation", "--python", sys.executable, "--target", str(tmp_path)]

    subprocess.run([*uv, *target, str(ROOT / "sdks" / "python")], check=True, capture_output=True)

    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import tributary_sdk; print(tributary_sdk.__file__)"
    said = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert str(tmp_path) in said.stdout
    assert (tmp_path / "tributary_sdk" / "py.typed").exists()
