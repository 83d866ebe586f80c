"""What Android alone has, in the core of its SDK built with the JDK of this machine; the rest is in `test_app*.py`."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.ingestion.processes import Process
from tests.sdks.apps import JAVA, SDKS, Start, android_classes
from tests.sdks.conftest import Arrived
from tests.sdks.scripted import ScriptedDoor
from tests.sdks.test_conformance import expected_count

pytestmark = pytest.mark.xdist_group("sdk-browser")


@pytest.fixture(scope="session", params=["android"])
def sdk(request: pytest.FixtureRequest) -> str:
    """Android alone."""
    return str(request.param)


def test_core_passes_the_vectors(tmp_path: Path) -> None:
    command = [*JAVA, "-cp", str(android_classes(tmp_path)), "tributary.sdk.Conformance", str(SDKS / "conformance")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert json.loads(done.stdout) == {"count": expected_count("android", "server"), "failed": []}, done.stderr


@pytest.mark.stores
@pytest.mark.clickhouse
def test_install_has_the_source_of_its_referrer(app: Start, arrived: Arrived, running_collect: Process) -> None:
    started = app(running_collect.port)

    started.do("install utm_source=news&utm_campaign=spring&tbclid=c-1")

    assert started.flush()
    arrived.wait(1)
    columns = "name, source, campaign, click_id_kind, click_id, JSONExtractString(properties, 'referrer_click_at')"
    assert arrived.rows(columns) == [
        ("Application Installed", "news", "spring", "tbclid", "c-1", "2026-01-01T00:00:00.000Z")
    ]


def test_map_that_is_used_again_changes_no_event(app: Start) -> None:
    """A map of Java is the caller's: by the time it is written it may hold the next event's words."""
    door = ScriptedDoor()
    try:
        started = app(door.port)
        started.do("reuse 200")

        assert started.flush()
        assert [event["properties"]["n"] for event in door.events()] == list(range(200))
    finally:
        door.close()
