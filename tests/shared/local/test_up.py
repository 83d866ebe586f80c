"""What `make up` says when it cannot start: one sentence each, and nothing left behind."""

import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest

from apps.shared.local import prepare, record
from apps.shared.local.layout import ROOT, Layout, Ports, Secrets
from apps.shared.local.owner import owner_of


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    chosen = {name: str(port) for name, port in Ports.free().named().items()}
    return {**os.environ, **chosen, "VAR_DIR": str(tmp_path)}


def run(module: str, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", f"apps.shared.local.{module}"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def taken_port(environment: dict[str, str]) -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", int(environment["COLLECT_PORT"])))
        listener.listen()
        yield listener.getsockname()[1]


def test_taken_port_is_named_with_its_owner_and_the_cure(environment: dict[str, str], taken_port: int) -> None:
    done = run("up", environment)

    assert done.returncode == 1
    assert f"Port {taken_port} is taken by " in done.stderr
    assert f"(process {os.getpid()}): stop that program" in done.stderr
    assert f"COLLECT_PORT={taken_port + 10} make up" in done.stderr


def test_owner_of_a_free_port_is_nobody() -> None:
    assert owner_of(1) == ""


def test_second_start_in_the_same_folder_is_refused(environment: dict[str, str], tmp_path: Path) -> None:
    record.write(tmp_path, [record.Entry.of("supervisor", os.getpid())])
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run("up", environment)

    assert done.returncode == 1
    assert f"already runs from {tmp_path} (process {os.getpid()}): `make down` stops it" in done.stderr


def test_port_that_is_no_number_is_named(environment: dict[str, str]) -> None:
    done = run("up", {**environment, "WEB_PORT": "eighty"})

    assert done.returncode == 1
    assert done.stderr.strip() == "WEB_PORT must be a port between 1 and 65535, not 'eighty'."


def test_down_without_anything_running_says_so(environment: dict[str, str], tmp_path: Path) -> None:
    done = run("down", environment)

    assert (done.returncode, done.stdout) == (0, f"Nothing runs from {tmp_path}.\n")


def test_full_disk_is_told_before_servers_meet_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=120 * 1024**2))

    with pytest.raises(prepare.SetupFailed, match=r"Only 120 MB of disk are free in .*: free at least 300 MB"):
        prepare.check_disk(tmp_path)


def test_interrupted_first_start_makes_its_stores_anew(tmp_path: Path) -> None:
    assert prepare.begin_first_start(tmp_path) is False
    (tmp_path / "postgres").mkdir()

    assert prepare.begin_first_start(tmp_path) is True
    assert not (tmp_path / "postgres").exists()


def test_finished_first_start_keeps_its_stores(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()

    assert prepare.begin_first_start(tmp_path) is False
    assert (tmp_path / "postgres").exists()


def test_secrets_are_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    made = Secrets.of(tmp_path)

    assert Secrets.of(tmp_path) == made
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0
    assert len({made.postgres, made.valkey, made.clickhouse, made.secret_key, made.postgres_application}) == 5


def test_environment_names_each_store_at_its_port(tmp_path: Path) -> None:
    layout = Layout(tmp_path, Ports(postgres=1, valkey=2, event_log=3, clickhouse=4), Secrets("p", "v", "c", "s", "a"))

    urls = layout.environment(database="d", facts="f", index=7)

    assert urls == {
        "DATABASE_URL": "postgres://tributary_app:a@127.0.0.1:1/d",
        "CLICKHOUSE_URL": "clickhouse://tributary:c@127.0.0.1:4/f",
        "REDIS_URL": "redis://:v@127.0.0.1:2/7",
        "EVENT_LOG_URL": "valkey://:v@127.0.0.1:3/7",
        "SECRET_KEY": "s",
        "VAR_DIR": str(tmp_path),
    }
