"""Queue, retries and batches of the apps' SDKs against a door that answers as it is told."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.shared.local.ports import free_port
from tests.ingestion.processes import wait_until
from tests.sdks.apps import Start, wait_for_stored
from tests.sdks.scripted import Answer, Asked, ScriptedDoor, accepted

pytestmark = pytest.mark.xdist_group("sdk-browser")


@pytest.fixture
def door() -> Iterator[ScriptedDoor]:
    """A door that accepts everything until it is told otherwise."""
    one = ScriptedDoor()
    yield one
    one.close()


def numbers(events: list[dict[str, dict[str, int]]]) -> list[int]:
    """Return what the events of `track` are numbered by."""
    return [event["properties"]["n"] for event in events]


def left(folder: Path) -> int:
    """Return how many files the queue still has."""
    return len(list((folder / "queue").glob("*.events")))


def test_broken_door_is_asked_again_after_growing_pauses_with_chance(app: Start, door: ScriptedDoor) -> None:
    door.script = [Answer(500), Answer(503, '{"code": "log_unavailable"}'), Answer(408)]
    app(door.port).do("track 3")

    first, second, third, fourth = door.wait(4)

    pauses = [second.at - first.at, third.at - second.at, fourth.at - third.at]
    assert all(low <= pause < low * 2 + 0.4 for low, pause in zip([0.5, 1, 2], pauses, strict=True)), pauses
    assert [numbers(asked.batch) for asked in door.asked] == [[0, 1, 2]] * 4
    assert len({asked.document["sentAt"] for asked in door.asked}) == 4
    assert len({asked.batch[0]["timestamp"] for asked in door.asked}) == 1
    assert len({asked.batch[0]["messageId"] for asked in door.asked}) == 1
    assert {(asked.path, asked.key) for asked in door.asked} == {("/v1/batch", "wk_1:")}


def test_door_that_names_a_time_is_asked_after_it(app: Start, door: ScriptedDoor) -> None:
    door.script = [Answer(429, '{"code": "too_many_requests"}', {"Retry-After": "3"})]
    started = app(door.port)
    started.do("track 1")
    door.wait(1)
    started.do("track 40")  # more than a batch, which would go at once

    first, second = door.wait(2)

    assert 3 <= second.at - first.at < 4.5
    assert numbers(second.batch) == [0, *range(40)]


def test_event_during_a_request_does_not_shorten_the_pause_after_it(app: Start, door: ScriptedDoor) -> None:
    goes_on = threading.Event()

    def limit(_: Asked) -> Answer:
        goes_on.wait(20)
        return Answer(429, '{"code": "too_many_requests"}', {"Retry-After": "3"})

    door.usual = limit
    started = app(door.port)
    started.do("track 1")
    door.wait(1)
    started.do("track 1")
    time.sleep(0.5)
    door.usual, answered_at = accepted, time.monotonic()
    goes_on.set()

    assert door.wait(2)[1].at - answered_at >= 3


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, "<html>Welcome to the airport</html>"),
        Answer(200, '{"ok": true}'),
        Answer(204),
        Answer(302, "", {"Location": "/v1/elsewhere"}),
        Answer(401, '{"code": "unknown_write_key"}', {"WWW-Authenticate": 'Basic realm="proxy"'}),
        Answer(403, "<h1>Forbidden</h1>"),
        Answer(404, "not found"),
    ],
)
def test_answer_that_is_not_the_doors_loses_nothing(app: Start, door: ScriptedDoor, answer: Answer) -> None:
    door.script = [answer]
    started = app(door.port)
    started.do("track 2")

    door.wait(2)
    assert started.flush()

    assert [(asked.path, numbers(asked.batch)) for asked in door.asked] == [("/v1/batch", [0, 1])] * 2


def test_batches_keep_the_limits_and_the_order(app: Start, door: ScriptedDoor, tmp_path: Path) -> None:
    started = app(free_port())
    started.do("track 450", *["large 15000"] * 40, "large 16400", "track 5")
    assert started.says() == "told too_large"
    wait_for_stored(tmp_path, 495)
    started.kill()

    assert app(door.port).flush()

    assert max(asked.size for asked in door.asked) <= 512_000
    assert max(len(asked.batch) for asked in door.asked) <= 2_500
    assert numbers([event for event in door.events() if event["event"] == "Played"]) == [*range(450), *range(5)]
    assert [event["event"] for event in door.events()] == ["Played"] * 450 + ["Large"] * 40 + ["Played"] * 5
    assert left(tmp_path) == 0


def test_bad_event_spoils_no_other(app: Start, door: ScriptedDoor) -> None:
    def picky(asked: Asked) -> Answer:
        if 7 in numbers(asked.batch):
            return Answer(400, '{"code": "not_json"}') if len(asked.batch) % 2 else Answer(413)
        return accepted(asked)

    door.usual = picky
    started = app(door.port)
    started.do("track 19")

    assert started.says() in ("told too_large", "told not_json")
    assert started.flush()
    taken = [n for asked in door.asked if 7 not in numbers(asked.batch) for n in numbers(asked.batch)]
    assert taken == [n for n in range(19) if n != 7]


def test_app_without_a_door_finds_it_by_itself(app: Start, tmp_path: Path) -> None:
    port = free_port()
    app(port).do("track 5")
    wait_until(lambda: left(tmp_path) == 1, 10)
    time.sleep(1)  # the first attempts fail

    door = ScriptedDoor(port)

    try:
        assert numbers(door.wait(1)[0].batch) == [0, 1, 2, 3, 4]
        wait_until(lambda: left(tmp_path) == 0, 5)
    finally:
        door.close()


def test_killed_app_leaves_its_events_to_the_next(app: Start, door: ScriptedDoor, tmp_path: Path) -> None:
    first = app(free_port())
    first.do("track 450")
    wait_for_stored(tmp_path, 450)
    first.kill()
    assert left(tmp_path) == 3
    newest = max((tmp_path / "queue").glob("*.events"))
    with newest.open("a") as file:
        file.write('{"type":"track","event":"Half')  # what a loss of power leaves
    (tmp_path / "queue" / "notes.events").write_text("nobody's\n")

    second = app(door.port)
    second.do("track 1")

    assert second.flush()
    assert numbers(door.events()) == [*range(450), 0]
    assert len({event["messageId"] for event in door.events()}) == 451
    assert [path.name for path in (tmp_path / "queue").iterdir()] == ["notes.events"]


def test_app_killed_before_the_answer_sends_the_same_again(app: Start, door: ScriptedDoor) -> None:
    door.usual = lambda _: Answer(500)
    first = app(door.port)
    first.do("track 30")
    sent = door.wait(1)[0].batch
    first.kill()
    door.usual = accepted

    assert app(door.port).flush()

    assert door.asked[-1].batch[: len(sent)] == sent
    assert numbers(door.asked[-1].batch) == list(range(30))


def test_events_of_a_time_when_the_door_hangs_are_stored_at_once(
    app: Start, door: ScriptedDoor, tmp_path: Path
) -> None:
    """What waited in memory for the end of a request was lost with an app that was killed over it."""
    goes_on = threading.Event()

    def hang(_: Asked) -> Answer:
        goes_on.wait(20)
        return Answer(500)

    door.usual = hang
    first = app(door.port)
    first.do("track 20")
    door.wait(1)

    first.do("track 7")
    wait_until(lambda: sum(path.read_text().count("\n") for path in (tmp_path / "queue").glob("*.events")) == 27, 5)
    first.kill()
    goes_on.set()

    door.usual = accepted
    assert app(door.port).flush()
    assert numbers(door.asked[-1].batch) == [*range(20), *range(7)]


def test_full_queue_refuses_what_comes_last(app: Start, door: ScriptedDoor) -> None:
    first = app(free_port(), most=10)
    first.do("track 12")
    assert [first.says(), first.says()] == ["told queue_full"] * 2
    first.kill()

    assert app(door.port).flush()

    assert numbers(door.events()) == list(range(10))
