"""Processes of one parent share no core, and one that dies leaves its core to the next."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from apps.shared import cores
from apps.shared.local.layout import ROOT
from tests.ingestion.processes import collect

ASK = (
    "from apps.shared import cores; import os; print(cores.keep_to_one(), sorted(os.sched_getaffinity(0)), flush=True)"
)
CORES = sorted(os.sched_getaffinity(0))
pytestmark = pytest.mark.skipif(len(CORES) < 2, reason="This machine has one core, where there is nothing to choose.")


class Child:
    """A process that keeps to a core until it is killed."""

    def __init__(self) -> None:
        command = [sys.executable, "-c", f"{ASK}; input()"]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.said = self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def test_siblings_keep_to_cores_of_their_own_until_none_is_left() -> None:
    children = [Child() for _ in CORES]
    one_more = Child()
    try:
        assert [child.said for child in children] == [f"{core} [{core}]" for core in CORES]
        assert one_more.said == f"None {CORES}"

        children[0].kill()
        children[0] = Child()

        assert children[0].said == f"{CORES[0]} [{CORES[0]}]"
    finally:
        for child in (*children, one_more):
            child.kill()


def test_system_that_forbids_it_lets_the_process_run_where_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setaffinity", forbid)

    assert cores.keep_to_one() is None
    assert sorted(os.sched_getaffinity(0)) == CORES


@pytest.mark.parametrize(("pin", "kept"), [("1", 1), ("0", len(CORES)), ("", len(CORES))])
@pytest.mark.usefixtures("stores")
def test_every_thread_of_the_door_keeps_to_its_core_where_the_operator_says_so(pin: str, kept: int) -> None:
    with collect({**os.environ, "COLLECT_PIN": pin}) as door:
        worker = subprocess.check_output(["pgrep", "-P", str(door.popen.pid)], text=True).split()[0]
        threads = [int(thread.name) for thread in Path(f"/proc/{worker}/task").iterdir()]
        found = {tuple(sorted(os.sched_getaffinity(thread))) for thread in threads}

    assert len(threads) > 1
    assert [len(allowed) for allowed in found] == [kept]
