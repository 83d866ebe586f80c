"""What Android alone has, in the core of its SDK built with the JDK of this machine; the rest is in `test_app*.py`."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.shared.local.ports import free_port
from tests.ingestion.processes import Process, wait_until
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


@pytest.fixture
def door() -> Iterator[ScriptedDoor]:
    """A door that accepts everything."""
    one = ScriptedDoor()
    yield one
    one.close()


def stored(folder: Path) -> int:
    """Return how many events wait in the queues of all processes."""
    return sum(path.read_text().count("\n") for path in folder.glob("queue*/*.events"))


def test_two_processes_of_an_app_share_a_folder_and_lose_nothing(
    app: Start, door: ScriptedDoor, tmp_path: Path
) -> None:
    """Both wrote into one file, which went with the answers that the first of them had."""
    away = [app(free_port()), app(free_port())]
    for one in away:
        one.do("track 450")
    wait_until(lambda: stored(tmp_path) == 900, 60)
    for one in away:
        one.kill()
    both = [app(door.port), app(door.port)]
    for one in both:
        one.do("track 450")

    assert [one.flush(30_000) for one in both] == [True, True]

    assert len({event["messageId"] for event in door.events()}) == 1800
    assert len({event["anonymousId"] for event in door.events()}) == 1
    assert stored(tmp_path) == 0


def test_first_start_of_two_processes_is_one_install(app: Start, door: ScriptedDoor) -> None:
    both = [app(door.port), app(door.port)]
    for one in both:
        one.do("install utm_source=news")

    assert [one.flush() for one in both] == [True, True]

    assert len({event["messageId"] for event in door.events()}) == 1


@pytest.mark.parametrize("refusal", ["optout", "consent denied"])
def test_refusal_in_one_process_holds_in_the_others_and_is_not_forgotten(
    app: Start, door: ScriptedDoor, tmp_path: Path, refusal: str
) -> None:
    """R8: each process wrote what it remembered over what the other had been told."""
    first, second = app(door.port), app(door.port)
    for one in (first, second):
        one.do("named Before")
        assert one.flush()
    asked = len(door.events())

    first.do(refusal, "named After")
    assert first.says() == "told consent_denied"
    second.do("identify ann", "named After")
    assert [second.says(), second.says()] == ["told consent_denied"] * 2
    second.kill()

    third = app(door.port)
    third.do("named After")
    assert third.says() == "told consent_denied"
    assert len(door.events()) == asked
    assert stored(tmp_path) == 0


def test_agreement_in_one_process_lets_the_others_speak(app: Start, door: ScriptedDoor) -> None:
    first, second = app(door.port, consent="required"), app(door.port, consent="required")
    second.do("named Held", "flush 100")
    second.says()

    first.do("consent granted", "flush 5000")
    first.says()
    second.do("named Next")

    assert second.flush()
    assert [event["event"] for event in door.events()] == ["Held", "Next"]


def test_referrer_tells_the_click_that_a_first_open_asks_about(app: Start, door: ScriptedDoor) -> None:
    started = app(door.port)
    started.do("click utm_source=news&tbclid=c-1", "click utm_source%3Dnews%26tbclid%3Dc-2")
    started.do("click gclid=g-1", "click ")

    assert [started.says() for _ in range(4)] == ["click c-1", "click c-2", "click ", "click "]


def test_half_a_character_costs_no_event(app: Start, door: ScriptedDoor) -> None:
    started = app(door.port)
    started.do("half")

    assert started.flush()
    assert [event["properties"] for event in door.events()] == [{"text": "a\ufffd"}]


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
