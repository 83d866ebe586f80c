"""Reports over ten million events: every panel of the overview, whole pages, and an event's way to the live page."""

import asyncio
import base64
import json
import time
import urllib.request
import uuid
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import table
from benchmarks.machine import Stores, running_processes
from benchmarks.rows import Row, row, seconds_of

_DOUBLINGS = 4  # of the demo's events; the people of each copy are others
_ASKED = "< 1 s"
_PATIENCE = 300
_COLD = "the writer first reads the ids of what is stored; events wait on the log meanwhile"

# Every text that names a person, an order or an event gets the number of the copy; hashes follow their texts.
_COPY = """
INSERT INTO events SELECT * REPLACE (
    concat(message_id, {copy:String}) AS message_id,
    if(anonymous_id = '', '', concat(anonymous_id, {copy:String})) AS anonymous_id,
    if(user_id = '', '', concat(user_id, {copy:String})) AS user_id,
    if(order_id = '', '', concat(order_id, {copy:String})) AS order_id,
    xxHash64(concat(if(anonymous_id = '', 'u:', 'a:'), if(anonymous_id = '', user_id, anonymous_id), {copy:String}))
        AS device_key,
    xxHash64(concat(if(user_id = '', 'a:', 'u:'), if(user_id = '', anonymous_id, user_id), {copy:String}))
        AS person_key
) FROM events WHERE property_id = {property_id:UInt64}
"""


# A burst: as many persons as events, each of whom has been here before.
_ARRIVE = """
INSERT INTO events SELECT * REPLACE (
    concat(message_id, {copy:String}) AS message_id,
    now64(3) AS occurred_at, now64(3) AS received_at, now64(3) AS stored_at
) FROM events
WHERE property_id = {property_id:UInt64} AND occurred_at > now() - INTERVAL 10 DAY
    AND cityHash64(message_id, {copy:String}) % 1000 = 0
LIMIT {events:UInt64}
"""


def run(stores: Stores) -> list[Row]:
    """Grow the demo to ten million events, build its journeys, and ask every question of the overview."""
    from apps.orgs import api as orgs

    shop = orgs.property_by_slugs(organization="fernweh", slug="shop")
    events, conversions, took = _grow(shop.id)
    about = f"{events:,} events, {conversions:,} conversions"
    rows = [row("journeys: full build", round(took, 1), "s", "", about)]
    rows += _on_disk()
    rows += [_burst(shop.id, events=300)]
    print(table.as_text(rows), flush=True)
    rows += _panels(shop, about)
    print(table.as_text(rows), flush=True)
    rows += _pages(stores, shop, about)
    return rows


def _grow(property_id: int) -> tuple[int, int, float]:
    from django.utils import timezone

    from apps.attribution import api as attribution
    from apps.shared import clickhouse

    for copy in range(_DOUBLINGS):
        clickhouse.command(_COPY, property_id=property_id, copy=f"-c{copy}")
    began = time.perf_counter()
    attribution.build_journeys(property_id=property_id, clock=timezone.now, is_full=True)
    took = time.perf_counter() - began
    counts = [
        clickhouse.select(
            f"SELECT count() FROM {table} WHERE property_id = {{property_id:UInt64}}", int, property_id=property_id
        )[0]
        for table in ("events", "journeys FINAL")
    ]
    return counts[0], counts[1], took


def _on_disk() -> list[Row]:
    """Return what an event and a journey take on disk, with everything that belongs to them."""
    from apps.shared import clickhouse

    sql = (
        "SELECT table, sum(bytes_on_disk), sum(rows) FROM system.parts "
        "WHERE active AND database = currentDatabase() GROUP BY table"
    )
    sizes = {table: size / rows for table, size, rows in clickhouse.select_for_platform(sql, lambda *row: row) if rows}
    return [
        row("on disk: an event", round(sizes["events"]), "bytes", "", "compressed, with both projections and indexes"),
        row("on disk: a journey", round(sizes["journeys"]), "bytes", "", "compressed, with its touchpoints"),
    ]


def _burst(property_id: int, *, events: int) -> Row:
    """Return how long journeys take to follow a burst of events of known persons."""
    from django.utils import timezone

    from apps.attribution import api as attribution
    from apps.shared import clickhouse

    taken = []
    for burst in range(5):
        clickhouse.command(_ARRIVE, property_id=property_id, copy=f"-b{burst}", events=events)
        began = time.perf_counter()
        attribution.build_journeys(property_id=property_id, clock=timezone.now)
        taken.append(time.perf_counter() - began)
    note = f"{events} events of as many persons; median of 5, slowest {max(taken):.2f} s"
    return row("journeys: build after a burst", round(sorted(taken)[2], 2), "s", "< 0.5 s", note)


def _name_state(property_id: int, *, is_known: bool) -> None:
    """Name the state of the journeys, so that answers are kept, or take the name away, so that all are read."""
    from apps.attribution.models import Watermark

    state = uuid.uuid4() if is_known else None
    Watermark.objects.filter(property_id=property_id).update(journeys_state=state)


def _panels(shop: Any, about: str) -> list[Row]:
    from django.utils import timezone

    from apps.attribution import api as attribution

    goal = next(goal.id for goal in attribution.goals(shop.id) if goal.is_primary)
    now = timezone.now()
    rows = []
    _name_state(shop.id, is_known=False)
    for days in (30, 90):
        bounds: dict[str, Any] = {"goal_id": goal, "period": (now - timedelta(days=days), now)}
        chosen = {"method": "last_non_direct", **bounds}
        questions = {
            "totals": lambda bounds=bounds: attribution.totals(shop.id, **bounds),
            "by channel": lambda chosen=chosen: attribution.credit_by(shop.id, dimension="channel", **chosen),
            "by source": lambda chosen=chosen: attribution.credit_by(shop.id, dimension="source", **chosen),
            "by campaign": lambda chosen=chosen: attribution.credit_by(shop.id, dimension="campaign", **chosen),
            "over time": lambda chosen=chosen: attribution.credit_by_day(
                shop.id, dimension="channel", grain="day", **chosen
            ),
            "unattributed because": lambda bounds=bounds: attribution.unattributed(shop.id, **bounds),
            "list of conversions": lambda chosen=chosen: attribution.conversions(shop.id, **chosen),
        }
        for name, question in questions.items():
            median, slowest = seconds_of(question)
            rows.append(
                row(
                    f"panel, {days} days: {name}",
                    round(median, 3),
                    "s",
                    _ASKED,
                    f"{about}; slowest of 5: {slowest:.3f} s",
                )
            )
    return rows


def _pages(stores: Stores, shop: Any, about: str) -> list[Row]:
    """Return the time of whole pages through `web`, and of an event from its POST to an open live page."""
    with running_processes(stores.layout):
        cookie = _signed_in()
        home = f"http://127.0.0.1:{stores.layout.ports.web}/o/{shop.organization_slug}/p/{shop.slug}/"
        rows = []
        for name, path in (("overview", ""), ("methods", "methods/"), ("conversions", "conversions/")):
            for is_known, what in ((False, "whole page"), (True, "whole page, looked at again")):
                _name_state(shop.id, is_known=is_known)
                median, slowest = seconds_of(partial(_get, home + path, cookie))
                note = f"{about}; slowest of 5: {slowest:.3f} s"
                rows.append(row(f"{what}: {name}", round(median, 3), "s", "", note))
        first, *others = asyncio.run(_live_waits(stores, shop, cookie, times=11))
        rows.append(row("first event to live page after a cold start", round(first, 1), "s", "", _COLD))
        waits = sorted(others)
        note = f"median of 10, slowest {waits[-1]:.2f} s"
        rows.append(row("event to live page", round(waits[len(waits) // 2], 2), "s", "< 2 s", note))
    return rows


def _signed_in() -> str:
    from django.test import Client

    from apps.reports.demo import accounts

    client = Client()
    login = accounts.read_login(_folder())
    if login is None or not client.login(username=login.email, password=login.password):
        raise RuntimeError("The demo's login does not work.")
    return client.cookies["sessionid"].value


def _folder() -> Path:
    from django.conf import settings

    return Path(settings.VAR_DIR)


def _get(url: str, cookie: str) -> None:
    request = urllib.request.Request(url, headers={"Cookie": f"sessionid={cookie}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        if answer.status != 200 or "/accounts/login" in answer.url:
            raise RuntimeError(f"{url} answered {answer.status} at {answer.url}.")
        answer.read()


async def _live_waits(stores: Stores, shop: Any, cookie: str, *, times: int) -> list[float]:
    """Return how long each of some events took from the POST to the message on the live page's socket.

    The first one waits until the writer has read the ids of everything stored before.
    """
    from asgiref.sync import sync_to_async
    from websockets.asyncio.client import connect

    from apps.orgs import api as orgs

    key = await sync_to_async(lambda: orgs.streams_of(shop.id).get(kind="web").write_key)()
    ports = stores.layout.ports
    address = f"ws://127.0.0.1:{ports.web}/ws/o/{shop.organization_slug}/p/{shop.slug}/live/?rows=1"
    headers = {"Cookie": f"sessionid={cookie}", "Origin": f"http://127.0.0.1:{ports.web}"}
    waits = []
    async with connect(address, additional_headers=headers) as socket:
        for _ in range(times):
            message_id, began = str(uuid.uuid4()), time.perf_counter()
            await asyncio.to_thread(_post, f"http://127.0.0.1:{ports.collect}/v1/track", key, message_id)
            while message_id not in str(await asyncio.wait_for(socket.recv(), timeout=_PATIENCE)):
                continue
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(0.3)
    return waits


def _post(url: str, key: str, message_id: str) -> None:
    body = json.dumps({"messageId": message_id, "anonymousId": "bench", "event": "Bench"}).encode()
    authorization = base64.b64encode(f"{key}:".encode()).decode()
    headers = {"Authorization": f"Basic {authorization}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as answer:
        answer.read()
