"""The core of the Android SDK, built with the JDK of this machine, against a real door."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.shared.local.layout import ROOT
from apps.shared.local.ports import free_port
from tests.ingestion.processes import Process, wait_until
from tests.sdks.conftest import Arrived
from tests.sdks.test_conformance import SDKS, expected_count

pytestmark = [
    pytest.mark.skipif(
        not shutil.which("javac"), reason="javac is not installed: apt-get install default-jdk-headless"
    ),
    pytest.mark.xdist_group("sdk-browser"),
]
STREAM_KIND = "android"
App = Callable[..., "subprocess.Popen[str]"]
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The core and its tests, compiled for Java 8."""
    folder = tmp_path_factory.mktemp("classes")
    sources = sorted((SDKS / "android" / "core").rglob("*.java"))
    flags = ["-Xlint:all,-options,-serial", "-Werror", "--release", "8", "-d", str(folder)]
    done = subprocess.run(["javac", *flags, *map(str, sources)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def app(classes: Path, key: str, tmp_path: Path) -> App:
    """Start the app of the tests: what it does, the port of the door, and a number or a text."""

    def start(what: str, port: int, more: str = "") -> "subprocess.Popen[str]":
        command = [*JAVA, "-cp", str(classes), "tributary.sdk.App", what, f"http://127.0.0.1:{port}", key]
        return subprocess.Popen([*command, str(tmp_path), more], stdout=subprocess.PIPE, text=True, cwd=ROOT)

    return start


def test_core_passes_the_vectors(classes: Path) -> None:
    command = [*JAVA, "-cp", str(classes), "tributary.sdk.Conformance", str(SDKS / "conformance")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert json.loads(done.stdout) == {"count": expected_count("android", "server"), "failed": []}, done.stderr


@pytest.mark.stores
@pytest.mark.clickhouse
def test_killed_app_delivers_offline_events_when_it_starts_again(
    app: App, arrived: Arrived, running_collect: Process, tmp_path: Path
) -> None:
    first = app("track", free_port(), "450")
    assert first.stdout is not None
    assert first.stdout.readline() == "flushed false\n"
    first.kill()
    first.wait()
    assert len(list((tmp_path / "queue").iterdir())) == 3

    second = app("open", running_collect.port)

    assert second.communicate(timeout=30)[0] == "flushed true\n"
    arrived.wait(450)
    rows = arrived.rows("JSONExtractInt(properties, 'n'), anonymous_id, device")
    assert sorted(n for n, _, _ in rows) == list(range(450))
    assert {row[1:] for row in rows} == {(rows[0][1], "mobile")}
    assert list((tmp_path / "queue").iterdir()) == []


@pytest.mark.stores
@pytest.mark.clickhouse
def test_install_counts_once_with_the_source_of_its_referrer(
    app: App, arrived: Arrived, running_collect: Process
) -> None:
    told = app("install", running_collect.port, "utm_source=news&utm_campaign=spring&tbclid=c-1").communicate(
        timeout=30
    )[0]

    assert told == "told no_name\ntold not_json\nflushed true\n"
    arrived.wait(3)
    rows = arrived.rows(
        "name, source, campaign, click_id_kind, click_id, user_id, JSONExtractInt(context, 'session', 'number')"
    )
    assert rows == [
        ("Application Installed", "news", "spring", "tbclid", "c-1", "", 1),
        ("", "(direct)", "", "", "", "ann", 1),
        ("Deep Link Opened", "push", "", "", "", "ann", 2),
    ]


@pytest.mark.stores
@pytest.mark.clickhouse
def test_app_without_consent_stores_and_sends_nothing(
    app: App, arrived: Arrived, running_collect: Process, tmp_path: Path
) -> None:
    told = app("consent", running_collect.port).communicate(timeout=30)[0]

    assert told == "stored 0 \ntold consent_denied\nflushed true\n"
    arrived.wait(1)
    assert arrived.rows("name") == [("Before",)]
    wait_until(lambda: not list((tmp_path / "queue").iterdir()), 5)
    left = [line for line in (tmp_path / "state").read_text().splitlines() if not line.startswith("#")]
    assert left == ["optout=1"]
