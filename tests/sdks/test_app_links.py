"""What the SDKs of apps do with a link that opened the app: whom they ask, what they hand over, what they keep."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.shared.local.ports import free_port
from tests.ingestion.processes import wait_until
from tests.sdks.apps import Start
from tests.sdks.scripted import Answer, Asked, ScriptedDoor, accepted

pytestmark = pytest.mark.xdist_group("sdk-browser")
SAID = {"clickId": "c-1", "deepLink": "shop://product/7", "campaign": {"source": "news", "medium": "", "name": ""}}


@pytest.fixture
def door() -> Iterator[ScriptedDoor]:
    """A door whose only link leads to a product."""
    one = ScriptedDoor()
    one.usual = lambda asked: Answer(200, json.dumps(SAID)) if asked.method == "GET" else accepted(asked)
    yield one
    one.close()


def pages(door: ScriptedDoor) -> list[str]:
    """Return the addresses of the links that opened the app, as they were sent."""
    return [
        event["context"]["page"]["url"].partition("/l/")[2]
        for event in door.events()
        if event["event"] == "Deep Link Opened"
    ]


def questions(door: ScriptedDoor) -> list[Asked]:
    return [asked for asked in door.asked if asked.method == "GET"]


def url(door: ScriptedDoor, rest: str = "app") -> str:
    return f"http://127.0.0.1:{door.port}/l/{rest}"


def test_link_is_asked_in_the_words_of_the_door(app: Start, door: ScriptedDoor) -> None:
    started = app(door.port)
    started.do(f"link {url(door, 'app?gclid=g-1#top')}")

    assert started.says() == "opened c-1 shop://product/7 news"
    assert started.flush()
    (asked,) = questions(door)
    (event,) = door.events()
    assert asked.path == f"/l/app?gclid=g-1&aid={event['anonymousId']}"
    assert (asked.accept, asked.key, asked.size) == ("application/json", "", 0)
    assert event["context"]["page"]["url"] == url(door, "app?gclid=g-1&utm_source=news&tbclid=c-1#top")
    assert event["properties"] == {"url": url(door, "app?gclid=g-1#top")}
    assert event["context"]["campaign"] == {"source": "news"}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(503, "", {"Retry-After": "60"}),
        Answer(404, '{"code": "unknown_link"}'),
        Answer(200, "<html>Welcome</html>"),
        Answer(302, "", {"Location": "/elsewhere"}),
    ],
    ids=["down", "unknown", "captive portal", "redirect"],
)
def test_app_goes_on_with_what_the_address_says(app: Start, door: ScriptedDoor, answer: Answer) -> None:
    door.script = [answer]
    started = app(door.port)
    started.do(f"link {url(door, 'app?utm_source=push&tbclid=c-0')}")

    assert started.says() == "opened c-0 - push"
    assert started.flush()
    assert pages(door) == ["app?utm_source=push&tbclid=c-0"]
    assert len(questions(door)) == 1


def test_offline_app_keeps_the_opening(app: Start, door: ScriptedDoor) -> None:
    port = free_port()
    first = app(port)
    first.do(f"link http://127.0.0.1:{port}/l/app?utm_source=push", "link shop://cart?utm_source=mail")
    assert [first.says(), first.says()] == ["opened - - push", "opened - shop://cart?utm_source=mail mail"]
    first.kill()

    assert app(door.port).flush()

    assert [event["context"]["campaign"]["source"] for event in door.events()] == ["push", "mail"]


def test_app_that_dies_over_the_question_keeps_the_opening_once(app: Start, door: ScriptedDoor) -> None:
    """An event that waits for an answer is written down meanwhile."""
    goes_on = threading.Event()

    def hang(asked: Asked) -> Answer:
        if asked.method == "GET":
            goes_on.wait(30)
        return accepted(asked)

    door.usual = hang
    first = app(door.port)
    first.do(f"ask {url(door, 'app?utm_source=push')}", "named Meanwhile")
    assert first.flush()
    wait_until(lambda: len(questions(door)) == 1, 20)
    first.kill()
    goes_on.set()

    for _ in range(2):
        next_one = app(door.port)
        next_one.do("named Next")
        assert next_one.flush()

    assert [event["event"] for event in door.events()] == ["Meanwhile", "Deep Link Opened", "Next", "Next"]
    sessions = {event["context"]["session"]["number"] for event in door.events()}
    assert (pages(door), sessions) == (["app?utm_source=push"], {1})


def test_second_link_does_not_take_the_place_of_the_first(app: Start, door: ScriptedDoor) -> None:
    started = app(door.port)
    started.do(f"ask {url(door, 'one')}", f"ask {url(door, 'two')}", f"ask {url(door, 'three')}")

    assert [started.says() for _ in range(3)] == ["opened"] * 3
    assert started.flush()
    assert [page.partition("?")[0] for page in pages(door)] == ["one", "two", "three"]


def test_without_an_agreement_no_link_is_asked(app: Start, door: ScriptedDoor, tmp_path: Path) -> None:
    """R8: the question carries the id of the device. The app learns its place from the address all the same."""
    started = app(door.port, consent="required")
    started.do(f"link {url(door, 'app?utm_source=push')}")
    assert started.says() == "opened - - push"
    assert (door.asked, list((tmp_path / "queue").iterdir())) == ([], [])

    started.do("consent granted")
    assert started.flush()
    assert pages(door) == ["app?utm_source=push"]

    started.do("consent denied", f"link {url(door, 'app?utm_source=push')}")
    assert {started.says(), started.says()} == {"told consent_denied", "opened - - push"}
    assert questions(door) == []


def test_refusal_while_the_link_is_asked_leaves_nothing(app: Start, door: ScriptedDoor, tmp_path: Path) -> None:
    """R8: what was written down for the answer is deleted with the rest."""
    goes_on = threading.Event()
    door.usual = lambda _: Answer(200 if goes_on.wait(30) else 500, json.dumps(SAID))
    started = app(door.port)
    started.do(f"ask {url(door)}")
    wait_until(lambda: len(questions(door)) == 1, 20)
    started.do("consent denied", "named After")
    assert started.says() == "told consent_denied"
    goes_on.set()

    assert started.says() == "opened"
    assert list((tmp_path / "queue").iterdir()) == []
    assert "/l/app" not in "".join(path.read_text() for path in tmp_path.iterdir() if path.is_file())


@pytest.mark.parametrize("address", ["http://localhost:{port}/l/app", "http://127.0.0.1:{port}/product/7"])
def test_addresses_that_are_no_links_of_the_door_are_not_asked(app: Start, door: ScriptedDoor, address: str) -> None:
    """Any other app may hand an address over: the id of the device goes to no host that nobody named."""
    said = address.format(port=door.port)
    started = app(door.port)
    started.do(f"link {said}")

    assert started.says() == f"opened - {said} -"
    assert started.flush()
    assert questions(door) == []
