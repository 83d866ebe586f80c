"""What the SDKs of apps store and send as a person agrees, refuses or opts out."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.shared.local.ports import free_port
from tests.sdks.apps import Start, wait_for_stored
from tests.sdks.scripted import ScriptedDoor

pytestmark = pytest.mark.xdist_group("sdk-browser")


@pytest.fixture
def door() -> Iterator[ScriptedDoor]:
    """A door that accepts everything."""
    one = ScriptedDoor()
    yield one
    one.close()


def stored(folder: Path) -> list[str]:
    """Return the names of what is stored beside events."""
    files = [path for path in folder.iterdir() if path.is_file()]
    lines = [line for path in files if path.suffix != ".json" for line in path.read_text().splitlines()]
    words = [word for path in files if path.suffix == ".json" for word in json.loads(path.read_text())]
    return sorted([*words, *(line.split("=")[0] for line in lines if not line.startswith("#"))])


def names(door: ScriptedDoor) -> list[str]:
    """Return the names of the events that were sent."""
    return [event["event"] for event in door.events()]


def waiting(folder: Path) -> list[Path]:
    """Return the files of the queue."""
    return list((folder / "queue").iterdir())


def test_person_who_was_not_asked_is_neither_stored_nor_sent(app: Start, door: ScriptedDoor, tmp_path: Path) -> None:
    started = app(door.port, consent="required")
    started.do("named Before", 'consent {"unknown": true}')
    started.flush(500)
    assert (stored(tmp_path), waiting(tmp_path), door.asked) == ([], [], [])

    started.do('consent {"analytics": "granted", "marketing": false}')

    door.wait(1)
    assert names(door) == ["Before"]
    said = door.events()[0]["context"]["consent"]
    assert said == {"categoryPreferences": {"analytics": "granted", "marketing": False}}


def test_refusal_deletes_everything_and_outlives_the_app(app: Start, door: ScriptedDoor, tmp_path: Path) -> None:
    first = app(free_port())
    first.do("identify ann", "track 30", "consent denied", "named After")
    assert first.says() == "told consent_denied"
    first.kill()
    assert (stored(tmp_path), waiting(tmp_path)) == (["consent"], [])

    for _ in range(2):
        next_one = app(door.port)
        next_one.do("named After")
        assert next_one.says() == "told consent_denied"
        assert next_one.flush()
    assert door.asked == []

    next_one.do("consent granted", "named Again")
    assert next_one.flush()
    assert names(door) == ["Again"]


@pytest.mark.parametrize("consent", ["free", "required"])
@pytest.mark.parametrize("word", ['{"ad_personalization": "denied"}', '{"functional": true}', "{}", "unknown"])
def test_what_says_nothing_of_measurement_takes_no_refusal_back(
    app: Start, door: ScriptedDoor, tmp_path: Path, consent: str, word: str
) -> None:
    """R8: the person refused, and a program that speaks of other things has not asked them again."""
    first = app(door.port, consent=consent)
    first.do('consent {"analytics_storage": "denied", "ad_storage": "denied"}', f"consent {word}", "named After")
    assert first.says() == "told consent_denied"
    first.kill()
    assert stored(tmp_path) == ["consent"]

    second = app(door.port, consent=consent)
    second.do("named After")
    assert second.says() == "told consent_denied"
    assert door.asked == []


def test_opt_out_leaves_one_word_and_outlives_the_app(app: Start, door: ScriptedDoor, tmp_path: Path) -> None:
    first = app(free_port(), consent="required")
    first.do("consent granted", "track 30", "optout", "named After", "consent granted", "named After")
    assert [first.says(), first.says()] == ["told consent_denied"] * 2
    first.kill()
    assert (stored(tmp_path), waiting(tmp_path)) == (["optout"], [])

    second = app(door.port)
    second.do("named After")
    assert second.says() == "told consent_denied"
    second.do("optin", "named Again")

    assert second.flush()
    assert names(door) == ["Again"]


def test_what_waits_is_not_sent_before_a_consent_that_is_now_required(
    app: Start, door: ScriptedDoor, tmp_path: Path
) -> None:
    first = app(free_port())
    first.do("track 30")
    wait_for_stored(tmp_path, 30)
    first.kill()

    second = app(door.port, consent="required")
    second.flush(1_500)
    assert (door.asked, len(waiting(tmp_path))) == ([], 1)
    second.do("consent granted")

    door.wait(1)
    assert len(door.events()) == 30


def test_consent_that_is_taken_back_without_a_refusal_stops_what_waits(app: Start, door: ScriptedDoor) -> None:
    """Pending means that nothing is sent, not even what a grant has put into the queue."""
    started = app(door.port, consent="required")
    started.do("consent granted", "named Before", 'consent {"unknown": true}')
    started.flush(1_500)
    assert door.asked == []

    started.do("consent granted")

    door.wait(1)
    assert names(door) == ["Before"]


def test_id_that_is_too_long_spoils_no_later_event(app: Start, door: ScriptedDoor) -> None:
    started = app(door.port)
    started.do("identify ann", f"identify {'x' * 513}", "named Bought")

    assert started.says() == "told too_long"
    assert started.flush()
    assert [event["userId"] for event in door.events()] == ["ann", "ann"]


def test_install_of_an_app_that_died_over_it_keeps_its_id(app: Start, door: ScriptedDoor, tmp_path: Path) -> None:
    first = app(free_port())
    first.do("install", "named Bought")
    wait_for_stored(tmp_path, 2)
    first.kill()
    (old,) = re.findall(r'"messageId":"([^"]+)"[^\n]*', waiting(tmp_path)[0].read_text().splitlines()[0])
    (file,) = [path for path in (tmp_path / "state", tmp_path / "state.json") if path.exists()]
    told = re.sub(r'(installed"?[=:]"?)1', rf"\g<1>{old}", file.read_text())
    file.write_text(told)  # as if it had been killed before its last word

    second = app(door.port)
    second.do("install", "install")

    assert second.flush()
    assert names(door) == ["Application Installed", "Bought", "Application Installed"]
    assert door.events()[0]["messageId"] == door.events()[2]["messageId"] == old


def test_groups_of_onetrust_are_heard_before_anything_is_stored(app: Start, door: ScriptedDoor, tmp_path: Path) -> None:
    """R8: an app went on to measure a person whom the door would refuse."""
    started = app(door.port)
    started.do('consent {"C0001": true, "C0002": false, "C0004": false}', "named After")
    assert started.says() == "told consent_denied"
    assert (stored(tmp_path), waiting(tmp_path)) == (["consent"], [])

    started.do('consent {"C0001": true, "C0002": true, "C0004": false}', "named Again")

    assert started.flush()
    assert names(door) == ["Again"]
    said = door.events()[0]["context"]["consent"]
    assert said == {"categoryPreferences": {"C0001": True, "C0002": True, "C0004": False}}
