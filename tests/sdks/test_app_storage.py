"""The SDKs of apps where the disk is difficult: folders that cannot be opened yet, queues that others have spoilt."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sdks.apps import Start, wait_for_stored
from tests.sdks.scripted import Answer, ScriptedDoor
from tests.sdks.test_app_consent import stored

pytestmark = pytest.mark.xdist_group("sdk-browser")


@pytest.fixture
def door() -> Iterator[ScriptedDoor]:
    """A door that accepts everything."""
    one = ScriptedDoor()
    yield one
    one.close()


def names(door: ScriptedDoor) -> list[str]:
    """Return the names of the events that were sent."""
    return [event["event"] for event in door.events()]


def test_first_open_answers_though_the_folder_cannot_be_opened(app: Start, door: ScriptedDoor, tmp_path: Path) -> None:
    """An app that waited for the place to go to waited for ever."""
    (tmp_path / "queue").write_text("no folder")
    started = app(door.port)
    started.do("first c-1")

    said = started.says()
    while said == "told storage_failed":
        said = started.says()

    assert said == "first - -"


def test_folder_that_opens_later_is_used_from_then_on(app: Start, door: ScriptedDoor, tmp_path: Path) -> None:
    """A device that was locked when the app began had it measure nothing until its next start."""
    (tmp_path / "queue").write_text("no folder")
    started = app(door.port)
    started.do("named Before")
    assert [started.says(), started.says()] == ["told storage_failed"] * 2  # at its start, and at the call

    (tmp_path / "queue").unlink()
    started.do("named After")

    door.wait(1)
    assert names(door) == ["After"]


def test_queue_that_others_have_spoilt_holds_up_no_event(app: Start, door: ScriptedDoor, tmp_path: Path) -> None:
    queue = tmp_path / "queue"
    queue.mkdir()
    good = '{"type":"track","event":"Good","anonymousId":"a","messageId":"m-1"}\n'
    spoilt = b'{"a":1},{"messageId":"m"}\n{"type":"tr\0\0ck"}\n\xff\xfe{}\n'
    (queue / "0000000001.events").write_bytes(spoilt + good.encode())
    (queue / "0000000002.events").mkdir()
    (queue / "0000000003.events").write_bytes(b"\0" * 4096)

    started = app(door.port)
    started.do("named New")

    assert started.flush()
    assert names(door) == ["Good", "New"]


def test_refusal_deletes_what_it_can_though_somebody_was_there_before(
    app: Start, door: ScriptedDoor, tmp_path: Path
) -> None:
    """R8: one file of the queue that was gone already kept the person's id, and the refusal from being remembered."""
    door.usual = lambda _: Answer(503)
    started = app(door.port)
    started.do("track 250")
    door.wait(1)
    wait_for_stored(tmp_path, 250)
    min((tmp_path / "queue").glob("*.events")).unlink()

    started.do("consent denied", "named After")

    assert started.says() == "told consent_denied"
    assert stored(tmp_path) == ["consent"]
    assert list((tmp_path / "queue").iterdir()) == []


def test_logout_before_the_agreement_ends_the_person(app: Start, door: ScriptedDoor) -> None:
    started = app(door.port, consent="required")

    started.do("identify ann", "reset", "named Next", "consent true")

    assert started.flush()
    before, after = door.events()
    assert (before["userId"], after.get("userId")) == ("ann", None)
    assert before["anonymousId"] != after["anonymousId"]


def test_agreement_that_is_over_does_not_come_back_with_the_next_start(app: Start, door: ScriptedDoor) -> None:
    """R8: a consent that says neither leaves the person unasked, also after the next start."""
    first = app(door.port, consent="required")
    first.do("consent granted", "named Agreed", "flush 5000", 'consent {"elsewhere": true}', "flush 500")
    assert [first.says(), first.says()] == ["flushed true", "flushed true"]
    first.kill()

    second = app(door.port, consent="required")
    second.do("named After")
    second.flush(1_000)

    assert names(door) == ["Agreed"]
