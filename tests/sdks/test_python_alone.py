"""What the Python SDK does when everything around it is broken: answers, disks, threads, listeners."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tributary_sdk import Client

from apps.shared.local.layout import ROOT
from tests.sdks.scripted import Answer, ScriptedDoor

pytestmark = pytest.mark.xdist_group("sdk-browser")


@pytest.fixture
def door() -> Iterator[ScriptedDoor]:
    """A door that accepts everything until it is told otherwise."""
    one = ScriptedDoor()
    yield one
    one.close()


def client_of(door: ScriptedDoor, **options: Any) -> Client:
    return Client("wk_1", f"http://127.0.0.1:{door.port}", **{"delay": 0.05, **options})


def run(code: str, door: ScriptedDoor, *, seconds: float = 30) -> "subprocess.CompletedProcess[str]":
    """Run *code* in a process of its own, with a client."""
    head = "import os, signal, sys, threading\nfrom tributary_sdk import Client\n"
    head += f"client = Client('wk_1', 'http://127.0.0.1:{door.port}', delay=0.05)\n"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "sdks" / "python" / "src")}
    return subprocess.run(
        [sys.executable, "-c", head + code],
        env=environment, capture_output=True, text=True, check=False, timeout=seconds,
    )  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, '{"results": [null]}'),
        Answer(200, '{"results": [{}]}'),
        Answer(200, '{"results": []}'),
        Answer(200, '{"results": [{"index": 7, "status": "refused"}]}'),
        Answer(429, "", {"Retry-After": "0" * 5000}),
    ],
    ids=["null", "no index", "none", "no such event", "endless number"],
)
def test_strange_answer_ends_no_delivery(door: ScriptedDoor, answer: Answer) -> None:
    door.script = [answer]
    with client_of(door) as client:
        assert client.track("Ordered", user_id="ann")
        door.wait(1)

        assert client.flush(10)

    assert len({event["messageId"] for event in door.events()}) == 1
    assert len(door.asked) == 2


def test_listener_and_spool_that_fail_end_no_delivery(door: ScriptedDoor, tmp_path: Path) -> None:
    """Here the folder vanishes below the spool, as when a volume is unmounted."""
    client = client_of(door, spool=tmp_path / "spool", delay=0.3)
    assert client.track("Ordered", user_id="ann", message_id="m-1")
    for file in (tmp_path / "spool").iterdir():
        file.unlink()
    (tmp_path / "spool").rmdir()
    assert client.flush(10)

    (tmp_path / "spool").mkdir()
    assert client.track("Ordered", user_id="ann", message_id="m-2")

    assert client.flush(10)
    assert [event["messageId"] for event in door.events()] == ["m-1", "m-2"]
    client.close()


def test_disk_that_is_full_is_no_full_queue(door: ScriptedDoor, tmp_path: Path) -> None:
    """R9: whoever reads `queue_full` looks for a door that does not answer. What was taken arrives all the same."""
    code = f"""
import resource
told = []
tell = lambda why, _: told.append(why)
client = Client('wk_1', 'http://127.0.0.1:{door.port}', spool={str(tmp_path)!r}, on_error=tell)
resource.setrlimit(resource.RLIMIT_FSIZE, (600, resource.RLIM_INFINITY))
taken = [client.track('Ordered', user_id='ann', message_id=str(n)) for n in range(20)]
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(client.flush(20), ','.join(sorted(set(told))), len(told) == taken.count(False))
print(*[n for n, is_taken in enumerate(taken) if is_taken])
"""
    done = run(code, door)

    said, taken = done.stdout.splitlines()
    assert said == "True storage_failed True", done.stderr
    assert 0 < len(taken.split()) < 20
    assert sorted((event["messageId"] for event in door.events()), key=int) == taken.split()


def test_spoilt_line_holds_up_no_other(door: ScriptedDoor, tmp_path: Path) -> None:
    spoilt = b'{"type":"tr\x00\x00ck"}\n'
    (tmp_path / "1-dead-000001.events").write_bytes(spoilt + b'{"type":"track","messageId":"m-1"}\n')

    with client_of(door, spool=tmp_path) as client:
        assert client.flush(10)

    assert [event["messageId"] for event in door.events()] == ["m-1"]
    assert list(tmp_path.iterdir()) == []


def test_system_that_has_no_thread_is_asked_again(door: ScriptedDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(door)
    with monkeypatch.context() as patch:

        def refuse(_: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        patch.setattr(threading.Thread, "start", refuse)
        assert client.track("Ordered", user_id="ann")  # never raises

    assert client.track("Ordered", user_id="ann")
    assert client.flush(10)
    assert len(door.events()) == 2
    client.close()


def test_mapping_that_fails_is_told_and_never_raises(door: ScriptedDoor) -> None:
    class Lazy(dict[str, Any]):
        def items(self) -> Any:
            raise RuntimeError("dictionary changed size during iteration")

    told: list[str] = []
    with client_of(door, on_error=lambda why, _: told.append(why)) as client:
        assert not client.track("Ordered", user_id="ann", properties=Lazy(a=1))

    assert told == ["not_json"]


def test_listener_that_ends_its_thread_ends_no_delivery(door: ScriptedDoor) -> None:
    told: list[str] = []

    def end(reason: str, _: Any) -> None:
        told.append(reason)
        sys.exit(1)

    door.script = [Answer(400, '{"code": "x", "errors": [{"index": 0, "reason": "x"}]}')]
    with client_of(door, on_error=end) as client:
        assert client.track("Refused", user_id="ann")
        door.wait(1)
        assert not client.track("", user_id="ann")
        assert client.track("Ordered", user_id="ann")

        assert client.flush(10)

    assert told == ["x", "no_name"]
    assert [event["event"] for event in door.events()] == ["Refused", "Ordered"]


def test_refusal_of_a_person_travels_however_it_is_said(door: ScriptedDoor) -> None:
    """R8: a plain False was taken for nothing said, so the event counted."""
    with client_of(door) as client:
        for said in (False, "denied", {"analytics": False, "vendors": ["a"]}):
            client.track("Ordered", user_id="ann", consent=said)
        assert client.flush(10)

    assert [event["context"]["consent"] for event in door.events()] == [
        {"status": "denied"},
        {"status": "denied"},
        {"categoryPreferences": {"analytics": False}},
    ]


def test_call_in_a_signal_waits_for_nobody(door: ScriptedDoor) -> None:
    code = """
signal.signal(signal.SIGALRM, lambda *_: client.track('Rang', user_id='ann'))
signal.setitimer(signal.ITIMER_REAL, 0.0003, 0.0003)
for n in range(4000): client.track('Ordered', user_id='ann')
signal.setitimer(signal.ITIMER_REAL, 0)
print(client.flush(20))
"""
    assert run(code, door).stdout == "True\n"


def test_fork_below_a_lost_folder_keeps_its_events_in_memory(door: ScriptedDoor, tmp_path: Path) -> None:
    code = f"""
import shutil
spool = {str(tmp_path / "spool")!r}
client = Client('wk_1', 'http://127.0.0.1:{door.port}', spool=spool)
client.track('Ordered', user_id='parent')
os.close(0); client.flush(10); shutil.rmtree(spool); open(spool, 'w').close()
child = os.fork()
if child == 0:
    client.track('Ordered', user_id='child')
    os._exit(0 if client.flush(10) else 1)
print(os.waitpid(child, 0)[1])
os._exit(0)
"""
    done = run(code, door)

    assert done.stdout == "0\n", done.stderr
    assert [event["userId"] for event in door.events()] == ["parent", "child"]


@pytest.mark.parametrize("drips", [True, False], ids=["drips", "cut"])
def test_answer_that_never_comes_whole_is_none(drips: bool) -> None:
    """A captive portal that drips for ever holds a delivery up for the time of one request; half an answer is none."""
    asked = 0

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the client went away
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            for _ in range(60 if drips else 1):
                connection.sendall(b' {"results"')
                time.sleep(0.1)

    with socket.create_server(("127.0.0.1", 0)) as server:
        client = Client("wk_1", f"http://127.0.0.1:{server.getsockname()[1]}", delay=0.01, timeout=0.5)
        client.track("Ordered", user_id="ann")
        began = time.monotonic()
        while asked < 2:
            threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()
            asked += 1

    assert time.monotonic() - began < 4
    client.close(0.1)
