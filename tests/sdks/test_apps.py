"""The SDKs of apps against a real door: what arrives, once, and what must not."""

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from apps.ingestion.models import Link
from apps.orgs.models import Stream
from apps.shared import clickhouse as facts
from apps.shared.local.ports import free_port
from tests.ingestion.processes import Process, wait_until
from tests.sdks.apps import Start, wait_for_stored
from tests.sdks.conftest import AGENT, Arrived, answers

pytestmark = [pytest.mark.stores, pytest.mark.clickhouse, pytest.mark.xdist_group("sdk-browser")]
NUMBER = "JSONExtractInt(properties, 'n')"
SESSION = "JSONExtractInt(context, 'session', 'number')"


def test_killed_app_delivers_offline_events_once_when_it_starts_again(
    app: Start, arrived: Arrived, running_collect: Process, tmp_path: Path
) -> None:
    first = app(free_port())
    first.do("track 450")
    wait_for_stored(tmp_path, 450)
    first.kill()

    assert app(running_collect.port).flush()

    arrived.wait(450)
    rows = arrived.rows(f"{NUMBER}, anonymous_id, device")
    assert sorted(n for n, _, _ in rows) == list(range(450))
    assert {row[1:] for row in rows} == {(rows[0][1], "mobile")}


def test_app_killed_while_it_delivers_loses_and_doubles_nothing(
    app: Start, arrived: Arrived, running_collect: Process, tmp_path: Path
) -> None:
    first = app(free_port())
    first.do("track 3000")
    wait_for_stored(tmp_path, 3000)
    first.kill()
    files = sorted((tmp_path / "queue").iterdir())
    second = app(running_collect.port)
    while files[0].exists():  # until its 200 events have their answer
        assert second.popen.poll() is None
    second.kill()
    assert 0 < len(list((tmp_path / "queue").iterdir())) < len(files) == 15

    assert app(running_collect.port).flush(30_000)

    arrived.wait(3000)
    assert sorted(row[0] for row in arrived.rows(NUMBER)) == list(range(3000))


def test_outage_of_the_door_loses_nothing(app: Start, arrived: Arrived, running_collect: Process) -> None:
    started = app(running_collect.port)
    started.do("track 30")
    assert started.flush()
    running_collect.kill()
    started.do("track 300")
    assert not started.flush(1_500)

    running_collect.start()
    answers(running_collect)

    arrived.wait(330)


def test_every_call_arrives_and_bad_ones_are_told(app: Start, arrived: Arrived, running_collect: Process) -> None:
    started = app(running_collect.port)

    started.do("screen Cart", "screen", "identify ann", "group acme", "alias anna", "named Bought", "named ", "strange")

    assert [started.says(), started.says()] == ["told no_name", "told not_json"]
    assert started.flush()
    arrived.wait(6)
    assert sorted(arrived.rows("kind, name, user_id")) == [
        ("alias", "", "anna"),
        ("group", "", "ann"),
        ("identify", "", "ann"),
        ("screen", "", ""),
        ("screen", "Cart", ""),
        ("track", "Bought", "ann"),
    ]


def test_install_counts_once_and_a_link_begins_a_session(
    app: Start, arrived: Arrived, running_collect: Process
) -> None:
    started = app(running_collect.port)
    started.do("install", "install", "identify ann", "open shop://product/7?utm_source=push&utm_medium=push")
    assert started.flush()
    started.kill()

    second = app(running_collect.port)
    second.do("install", "named Bought")

    assert second.flush()
    arrived.wait(4)
    assert sorted(arrived.rows(f"name, source, user_id, {SESSION}")) == [
        ("", "(direct)", "ann", 1),
        ("Application Installed", "(direct)", "", 1),
        ("Bought", "(direct)", "ann", 2),
        ("Deep Link Opened", "push", "ann", 2),
    ]


def test_reset_begins_a_person_and_a_session_anew(app: Start, arrived: Arrived, running_collect: Process) -> None:
    started = app(running_collect.port)

    started.do("identify ann", "identify", "named Before", "reset", "named After")

    assert started.flush()
    arrived.wait(4)
    rows = arrived.rows("name, user_id, anonymous_id", order="occurred_at, name = 'After'")
    assert [row[:2] for row in rows if row[0]] == [("Before", "ann"), ("After", "")]
    assert len({row[2] for row in rows}) == 2


@pytest.fixture
def link(stream: Stream) -> Iterator[Link]:
    """A link into the app."""
    one = Link.objects.create(
        property=stream.property, slug=f"opens-{stream.kind}", destination="https://shop.example/", source="newsletter",
        campaign="may", deep_link="shop://product/7",
    )  # fmt: skip
    yield one
    one.delete()


def test_link_that_opened_the_app_is_asked_and_counts_once(
    app: Start, arrived: Arrived, link: Link, running_collect: Process
) -> None:
    """R2: by the id of the click its event and the click are one touch; R9: no browser would have told of the click."""
    started = app(running_collect.port)
    started.do("named Before", f"link http://127.0.0.1:{running_collect.port}/l/{link.slug}", "named Bought")

    word, click_id, place, source = started.says().split(" ")
    assert (word, place, source) == ("opened", "shop://product/7", "newsletter")
    assert started.flush()
    arrived.wait(3)
    rows = arrived.rows(f"name, source, campaign, own_click, anonymous_id, {SESSION}")
    assert sorted(row[:4] + row[5:] for row in rows) == [
        ("Before", "(direct)", "", "", 1),
        ("Bought", "(direct)", "", "", 2),
        ("Deep Link Opened", "newsletter", "may", click_id, 2),
    ]
    wait_until(lambda: bool(clicked_by(link, click_id)), 30)
    assert clicked_by(link, click_id) == [rows[0][4]]


def clicked_by(link: Link, click_id: str) -> list[str]:
    """Return the anonymous id of a click on *link*."""
    sql = """
        SELECT anonymous_id FROM events
        WHERE property_id = {property_id:UInt64} AND kind = 'click' AND message_id = {id:String}
    """
    return facts.select(sql, str, property_id=link.property_id, id=click_id)


@pytest.fixture
def click(stream: Stream, running_collect: Process) -> Iterator[str]:
    """The id of a click on a link into the app."""
    link = Link.objects.create(
        property=stream.property, slug=f"app-{stream.kind}", destination="https://shop.example/", source="newsletter",
        deep_link="shop://product/7",
    )  # fmt: skip
    door = HTTPConnection("127.0.0.1", running_collect.port)
    door.request("GET", f"/l/{link.slug}", headers={"User-Agent": AGENT})
    place = door.getresponse().headers["Location"]
    door.close()
    yield parse_qs(urlsplit(place).query)["tbclid"][0]
    link.delete()


def test_first_open_hands_over_what_the_click_was_about_to_one_device(
    app: Start, click: str, running_collect: Process, tmp_path: Path
) -> None:
    started = app(running_collect.port)
    started.do(f"first {click}", f"first {click}", "first unknown")
    assert [started.says() for _ in range(3)] == ["first shop://product/7 newsletter"] * 2 + ["first - -"]

    started.do("reset", f"first {click}", "optout", f"first {click}")

    assert [started.says(), started.says()] == ["first - -"] * 2
    assert list((tmp_path / "queue").iterdir()) == []
