"""The supervisor with real processes: order, restarts, stubborn and orphaned ones, its own violent end."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apps.shared.local import record
from apps.shared.local.console import Console
from apps.shared.local.interrupts import Interrupts, StopAsked
from apps.shared.local.service import NotReady, Running, Service
from apps.shared.local.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[3]
POLITE = """
    import signal, sys, time
    from pathlib import Path
    name, diary = sys.argv[1], Path(sys.argv[2])
    def leave(*_):
        diary.open("a").write(f"stop {name}\\n")
        sys.exit(0)
    signal.signal(signal.SIGTERM, leave)
    diary.open("a").write(f"start {name}\\n")
    Path(f"{diary}.{name}").touch()
    while True: time.sleep(0.02)
"""
STUBBORN = """
    import signal, sys, time
    from pathlib import Path
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    Path(f"{sys.argv[2]}.{sys.argv[1]}").touch()
    while True: time.sleep(0.02)
"""
PARENT = """
    import subprocess, sys, time
    from pathlib import Path
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(f"{sys.argv[2]}.{sys.argv[1]}").write_text(str(child.pid))
    while True: time.sleep(0.02)
"""


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Service]:
    def build(name: str, program: str = POLITE, **options: object) -> Service:
        diary = tmp_path / "diary"
        command = (sys.executable, "-c", textwrap.dedent(program), name, str(diary))
        ready = Path(f"{diary}.{name}")
        return Service(name=name, command=command, is_ready=ready.exists, **options)  # type: ignore[arg-type]

    return build


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    one = Supervisor(tmp_path, Console(total=1), Interrupts())
    yield one
    one.stop()


def wait_for(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def pid_of(folder: Path, name: str) -> int:
    return next((entry.pid for entry in record.read(folder) if entry.name == name), 0)


def test_waves_stop_in_the_opposite_order(supervisor: Supervisor, make: Callable[..., Service], tmp_path: Path) -> None:
    supervisor.start([make("store", wave=0)])
    supervisor.start([make("writer", wave=1), make("door", wave=2)])

    supervisor.stop()

    diary = (tmp_path / "diary").read_text().split("\n")
    assert diary[0] == "start store"
    assert diary[3:6] == ["stop door", "stop writer", "stop store"]


def test_crashed_service_comes_back_by_itself(
    supervisor: Supervisor, make: Callable[..., Service], tmp_path: Path
) -> None:
    supervisor.start([make("writer")])
    first = pid_of(tmp_path, "writer")

    os.kill(first, signal.SIGKILL)
    supervisor.watch(lambda: pid_of(tmp_path, "writer") in {first, 0})

    assert wait_for(lambda: (tmp_path / "diary").read_text() == "start writer\nstart writer\n")


def test_pause_doubles_with_each_crash_in_a_row(supervisor: Supervisor, make: Callable[..., Service]) -> None:
    supervisor.start([make("writer")])
    (one,) = supervisor._supervised

    pauses = [one.pause() for _ in range(8)]

    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]


def test_stubborn_service_is_killed_after_its_patience(supervisor: Supervisor, make: Callable[..., Service]) -> None:
    supervisor.start([make("daphne", STUBBORN, patience=0.3)])
    process = supervisor._supervised[0].running.process
    began = time.monotonic()

    supervisor.stop()

    assert process.returncode == -signal.SIGKILL
    assert 0.3 <= time.monotonic() - began < 3


def test_workers_of_a_killed_parent_do_not_survive_it(
    supervisor: Supervisor, make: Callable[..., Service], tmp_path: Path
) -> None:
    supervisor.start([make("collect", PARENT)])
    assert wait_for(lambda: bool((tmp_path / "diary.collect").read_text()))
    worker = int((tmp_path / "diary.collect").read_text())
    old = pid_of(tmp_path, "collect")

    os.kill(old, signal.SIGKILL)
    supervisor.watch(lambda: pid_of(tmp_path, "collect") in {old, 0})

    assert wait_for(lambda: record.born(worker) == "")


def test_lost_worker_restarts_its_parent(
    supervisor: Supervisor, make: Callable[..., Service], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.shared.local.supervisor._COUNT_EVERY", 0.1)
    supervisor.start([make("collect", least_children=2)])
    first = pid_of(tmp_path, "collect")

    supervisor._next_count = 0
    supervisor.watch(lambda: pid_of(tmp_path, "collect") in {first, 0})

    assert pid_of(tmp_path, "collect") != first


def test_service_that_ends_at_once_says_its_last_words(supervisor: Supervisor, make: Callable[..., Service]) -> None:
    with pytest.raises(NotReady) as refused:
        supervisor.start([make("web", "raise SystemExit('no such setting')")])

    assert str(refused.value) == "web ended with code 1.\nno such setting"


def test_silent_service_is_not_waited_for_forever(supervisor: Supervisor, make: Callable[..., Service]) -> None:
    with pytest.raises(NotReady, match=r"web did not answer within 0\.3 s"):
        supervisor.start([make("web", "import time; time.sleep(60)", ready_within=0.3)])


SUPERVISOR = """
    import sys
    from pathlib import Path
    from apps.shared.local.console import Console
    from apps.shared.local.interrupts import Interrupts, StopAsked
    from apps.shared.local.service import Service
    from apps.shared.local.supervisor import Supervisor
    interrupts = Interrupts()
    interrupts.install()
    supervisor = Supervisor(Path(sys.argv[1]), Console(total=1), interrupts)
    sleeper = (sys.executable, "-c", sys.argv[2], "sleeper", sys.argv[1] + "/diary")
    ready = Path(sys.argv[1] + "/diary.sleeper").exists
    try:
        supervisor.start([Service(name="sleeper", command=sleeper, is_ready=ready)])
        supervisor.watch()
    except StopAsked:
        supervisor.stop()
"""


@pytest.fixture
def start_supervisor(tmp_path: Path) -> Iterator[Callable[[str], "subprocess.Popen[bytes]"]]:
    started: list[subprocess.Popen[bytes]] = []

    def start(program: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-c", textwrap.dedent(SUPERVISOR), str(tmp_path), textwrap.dedent(program)]
        started.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL))
        assert wait_for((tmp_path / "diary.sleeper").exists)
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
    record.end_left_overs(tmp_path, patience=0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stop_signal_ends_supervisor_and_children(
    start_supervisor: Callable[[str], "subprocess.Popen[bytes]"], tmp_path: Path, number: signal.Signals
) -> None:
    process = start_supervisor(POLITE)
    sleeper = pid_of(tmp_path, "sleeper")

    process.send_signal(number)

    assert process.wait(timeout=10) == 0
    assert (tmp_path / "diary").read_text() == "start sleeper\nstop sleeper\n"
    assert record.born(sleeper) == ""
    assert record.read(tmp_path) == []


def test_kill_of_the_supervisor_stops_its_children(
    start_supervisor: Callable[[str], "subprocess.Popen[bytes]"], tmp_path: Path
) -> None:
    process = start_supervisor(POLITE)
    sleeper = pid_of(tmp_path, "sleeper")

    process.kill()

    assert wait_for(lambda: record.born(sleeper) == "")
    assert (tmp_path / "diary").read_text() == "start sleeper\nstop sleeper\n"


def test_next_start_ends_what_a_killed_supervisor_left(
    start_supervisor: Callable[[str], "subprocess.Popen[bytes]"], tmp_path: Path
) -> None:
    process = start_supervisor(STUBBORN)
    sleeper = pid_of(tmp_path, "sleeper")
    process.kill()
    process.wait()
    assert record.born(sleeper)

    ended = record.end_left_overs(tmp_path, patience=0.2)

    assert ended == ["sleeper"]
    assert wait_for(lambda: record.born(sleeper) == "")


def test_process_that_took_over_a_recorded_number_is_left_alone(tmp_path: Path) -> None:
    innocent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    record.write(tmp_path, [record.Entry("writer", innocent.pid, "1")])

    ended = record.end_left_overs(tmp_path, patience=0)

    assert ended == []
    assert innocent.poll() is None
    innocent.kill()
    innocent.wait()


def test_record_cut_off_by_a_full_disk_counts_as_empty(tmp_path: Path) -> None:
    record.write(tmp_path, [record.Entry("writer", 1, "1")])
    record.path_in(tmp_path).write_text('[{"name": "wri')

    assert record.read(tmp_path) == []


def test_interrupt_waits_until_a_started_process_is_remembered() -> None:
    interrupts, remembered = Interrupts(), []

    with pytest.raises(StopAsked), interrupts.held():  # noqa: PT012  the point is what still runs inside
        interrupts._on_signal(signal.SIGINT, None)
        remembered.append("process")

    assert remembered == ["process"]


def test_second_interrupt_hurries_instead_of_raising() -> None:
    interrupts = Interrupts()
    with pytest.raises(StopAsked):
        interrupts._on_signal(signal.SIGINT, None)

    interrupts._on_signal(signal.SIGINT, None)

    assert interrupts.is_urgent


def test_running_service_writes_its_log_to_a_file(make: Callable[..., Service], tmp_path: Path) -> None:
    running = Running(make("web", "print('hello', flush=True)"), tmp_path / "log" / "web.log")

    running.process.wait(timeout=10)

    assert running.last_lines() == "hello"


def test_a_service_may_open_as_many_files_as_it_may_have_clients(tmp_path: Path) -> None:
    """R12: where a shell allows 1,024, the clients after them would hear nothing."""
    found = tmp_path / "limit"
    starts = f"""
        import sys, time
        from pathlib import Path
        from apps.shared.local.service import Running, Service
        tell = "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], flush=True)"
        service = Service(name="x", command=(sys.executable, "-c", tell), is_ready=bool)
        Running(service, Path({str(found)!r})).process.wait()
    """
    shell = 'ulimit -Sn 256; ulimit -Hn 4096; exec "$@"'
    command = ["bash", "-c", shell, "bash", sys.executable, "-c", textwrap.dedent(starts)]

    subprocess.run(command, cwd=ROOT, check=True, timeout=60)

    assert found.read_text().strip() == "4096"
