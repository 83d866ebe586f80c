"""Small adversarial histories as clients send them, and the way through the door, the writer and the builds."""

import json
import random
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from datetime import timezone as zone_of
from functools import partial
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import time_machine
from django.test import Client
from django.utils import timezone

from apps.attribution import services as attribution
from apps.ingestion import services, wiring
from apps.ingestion.domain import instants
from apps.ingestion.domain.ports import LogUnavailable
from tests.fakes.event_log import MemoryLog
from tests.ingestion.plain_reference import DAY, Heard, hear

BERLIN, HAVANA = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Havana")
GAP = 30 * 60_000
YEAR = 365 * DAY
HOME = "https://shop.example"
QUERIES = """
/ / ?utm_source=news&utm_medium=email&utm_campaign=may ?utm_source=news&utm_medium=email ?gclid=a1 ?gclid=a2
?utm_source=news&utm_medium=email&utm_campaign=may&utm_term=boots ?utm_source=facebook&utm_medium=cpc&gclid=a1
?utm_campaign=may&msclkid=b #utm_source=mill&utm_medium=wind ?fbclid=f&gclid=g ?ttclid=t ?utm_term=only
?utm_source=mill&utm_medium=wind&utm_campaign=Cross-network+1 ?utm_source=partner&utm_medium=affiliate
?utm_source=YouTube&utm_medium=CPC ?utm_source=amazon&utm_medium=cpc ?utm_source=phone&utm_medium=sms
?utm_source=app&utm_medium=push ?utm_source=bannerly&utm_medium=cpm ?utm_source= ?gclid=
"""
HOSTS = """
www.google.com shop.example www.shop.example m.shop.example www.paypal.com accounts.google.com example duckduckgo.com
checkout.stripe.com blog.example own.example sub.own.example left.example notshop.example l.facebook.com
"""
ADDRESSES = ("https://m.shop.example/a", *(HOME + query for query in QUERIES.split()))
REFERRERS = ("", "", "", *(f"https://{host}/" for host in HOSTS.split()))
CAMPAIGNS = ({"source": "radio", "medium": "audio"}, {"source": "news", "medium": "email", "name": "june"})
KINDS = {
    "page": 40,
    "screen": 5,
    "track": 12,
    "sale": 25,
    "identify": 10,
    "alias": 3,
    "group": 2,
    "click": 6,
    "impression": 4,
}


def random_history(rng: random.Random, name: str, now: int) -> list[dict[str, Any]]:
    """Return the events of a few ids, in order of time; `_at` is when they happened."""
    at, events = _start(rng, now), list[dict[str, Any]]()
    count = rng.choice([1, 2, 3] * 8 + [14])  # in one history of 25 a crowd, or nearly one
    ids = (
        [f"{name}d{n}" for n in range(rng.choice([1, 1, 2, 3]))],
        [f"{rng.choice([name + 'u', '7' + name[1:]])}{n}" for n in range(count)],
    )
    for number in range(rng.randint(2, 14) if count < 10 else 60):
        at += rng.choice(
            [0, 1, 1_000, 60_000, GAP - 1, GAP, GAP, GAP + 1, 2 * GAP + 1, 3 * GAP // 2, DAY, rng.randint(1, 3 * DAY)]
        )
        if at >= now - 60_000:
            break
        events.append(
            _event(
                rng,
                f"{name}{number:02d}-{rng.randrange(16**4):04x}",
                at,
                *ids,
                clicks=[one["messageId"] for one in events if one["type"] == "click"],
            )
        )
    return events


def _start(rng: random.Random, now: int) -> int:
    """Return an instant near a midnight, a change of clocks, or anywhere in two months."""
    midnight = datetime(2026, 10, rng.choice([24, 25, 26]), tzinfo=BERLIN) + timedelta(days=rng.choice([0, 0, 20]))
    changed = rng.choice([datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2026, 11, rng.choice([1, 2]), tzinfo=HAVANA)])
    near = rng.choice([midnight, changed, None])
    if near is None:
        return now - rng.randint(DAY, 60 * DAY)
    return int(near.timestamp() * 1000) + rng.choice([0, -1, -GAP, -GAP // 2, 1, 7])


def _event(
    rng: random.Random, message_id: str, at: int, devices: list[str], users: list[str], *, clicks: list[str]
) -> dict[str, Any]:
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
    event: dict[str, Any] = {"messageId": message_id, "_at": at, "timestamp": at, "type": kind}
    event |= _named(rng, kind, devices, users)
    if kind == "group":
        event["groupId"] = "team"
    if kind in ("track", "sale"):
        event |= {"type": "track", "event": "Order Completed" if kind == "sale" else "Looked"}
        event["properties"] = {"revenue": 10, "currency": "EUR"} if kind == "sale" else {}
    if kind in ("click", "impression"):
        event["context"] = {"campaign": {"source": "bannerly", "medium": "display", "name": rng.choice(["a", "b"])}}
    elif kind in ("page", "track", "sale", "screen") and rng.random() < (0.9 if kind == "page" else 0.2):
        event["context"] = _context(rng, clicks)
    return event


def _named(rng: random.Random, kind: str, devices: list[str], users: list[str]) -> dict[str, str]:
    """Return the ids of an event: one in thirty devices is nobody's."""
    is_touch = kind in ("click", "impression")
    named = {}
    if is_touch or rng.random() < 0.9:
        named["anonymousId"] = rng.choice(devices) if is_touch or rng.random() < 0.97 else "unknown"
    if kind in ("identify", "alias") or not named or rng.random() < (0.12 if len(users) < 10 else 0.4):
        named["userId"] = rng.choice(users)
    if kind == "alias":
        named["previousId"] = rng.choice(devices + users)
        if rng.random() < 0.5:
            named.pop("anonymousId", None)
    return named


def _context(rng: random.Random, clicks: list[str]) -> dict[str, Any]:
    """Return where an event came from: also the landing page of a click of before."""
    page = {"url": rng.choice(ADDRESSES), "referrer": rng.choice(REFERRERS)}
    if clicks and rng.random() < 0.4:
        beside = rng.choice(["", "&gclid=g"])
        page["url"] = f"{HOME}/?tbclid={rng.choice(clicks)}&utm_source=bannerly&utm_medium=display{beside}"
    return {"page": page} | ({"campaign": rng.choice(CAMPAIGNS)} if rng.random() < 0.08 else {})


class Way:
    """The door of one property, its log, its writer and its builds."""

    def __init__(self, door: Client, log: MemoryLog, property_id: int, key: str) -> None:
        self.door, self.log, self.property_id = door, log, property_id
        self.headers = {"authorization": "Basic " + b64encode(f"{key}:".encode()).decode()}
        self.heard: list[Heard] = []
        self.restart()

    def restart(self) -> None:
        """Begin with a writer that remembers nothing, and let it read again what was not committed."""
        store = wiring.event_store()
        self.log.rewind()
        self.writer = services.Writer(
            log=self.log, store=store, seen=services.load_seen_ids(store), rules_of=partial(wiring.rules_of, region=""),
            clock=instants.now, tell=lambda *_: None,
        )  # fmt: skip

    def write(self) -> None:
        """Let the writer take what there is."""
        while entries := self.log.read(most=50, wait=0):
            self.writer.write(entries)

    def crash(self) -> None:
        """Die after the store took a block and before the log heard of it, and begin again."""
        with patch.object(self.log, "commit", side_effect=LogUnavailable("The log is down.")), suppress(LogUnavailable):
            self.writer.write(self.log.read(most=50, wait=0))
        self.restart()

    def build(self, *, is_full: bool = False) -> None:
        """Bring the journeys up to date."""
        attribution.build_journeys(property_id=self.property_id, clock=timezone.now, is_full=is_full)

    def send(self, events: Sequence[dict[str, Any]], *, now: int, rng: random.Random) -> None:
        """Send events in one request of the kind that takes them, by clocks that are right or wrong."""
        native = [one for one in events if one["type"] in ("click", "impression")]
        plain = [one for one in events if one["type"] not in ("click", "impression")]
        for some, path in ((native, "/v1/events"), (plain, "/v1/batch")):
            if some:
                told = [_told(one, now, rng) for one in some]
                bodies = [_spelled(body, rng) if some is plain else body for body, _ in told]
                if len(some) == 1 and some is plain:
                    self._post(f"/v1/{bodies[0]['type']}", bodies[0], now)
                else:
                    self._post(path, {"events" if some is native else "batch": bodies}, now)
                self.heard += [heard for _, heard in told]

    def _post(self, path: str, body: dict[str, Any], now: int) -> None:
        with time_machine.travel((now + 0.5) / 1000, tick=False):
            answer = self.door.post(path, json.dumps(body), content_type="application/json", headers=self.headers)
        ends = answer.json().get("results", [answer.json()])
        assert {one["status"] for one in ends} == {"accepted"}, answer.content


def _told(event: dict[str, Any], now: int, rng: random.Random) -> tuple[dict[str, Any], Heard]:
    """Return an event as a client says it, and as the door must understand it."""
    body = {name: value for name, value in event.items() if name != "_at"}
    if event.get("timestamp") is None or rng.random() < 0.05:  # it says no time, or one that has not come yet
        body["timestamp"] = rng.choice([None, now + 1, now + 20 * 3_600_000])
        return body, Heard(event, now, now)
    error = rng.choice([None, None, 0, 4_999, -5_000, 10 * YEAR, -10 * YEAR, 5_001, -7_777])
    if error is None:
        return body, hear(event, heard=now, sent_at=None)
    if abs(error) > 5_000:
        body["timestamp"] = event["_at"] + error
        body["sentAt"] = now + error
        return body, Heard(event, min(event["_at"], now), now)
    body["sentAt"] = now + error
    return body, hear(event, heard=now, sent_at=now + error)


def _spelled(body: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Return an event in other words that mean the same: ids that are none, an address, times as texts."""
    if "userId" not in body and "anonymousId" in body:
        body |= rng.choice([{}, {}, {"userId": ""}, {"userId": None}, {"userId": "NULL"}, {"userId": "Anonymous"}])
    if str(body.get("userId", "")).isdecimal() and rng.random() < 0.5:
        body["userId"] = int(body["userId"])
    if rng.random() < 0.2:
        body["context"] = {
            **body.get("context", {}),
            **rng.choice([{"ip": "203.0.113.5"}, {"locale": "de"}, {"gpc": False}]),
        }
    if body["timestamp"] and rng.random() < 0.3:
        zone = zone_of(timedelta(hours=rng.choice([-5, 0, 2])))
        moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=body["timestamp"])
        body["timestamp"] = moment.astimezone(zone).isoformat(timespec="milliseconds")
    return body


def in_batches(rng: random.Random, events: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Return events in another order, one in eight of them up to five times, in requests of 1 to 40."""
    order = [one for one in events for _ in range(rng.choice([1, 1, 1, 1, 1, 1, 1, 5]))]
    rng.shuffle(order)
    while order:
        size = rng.choice([1, 2, 7, 40])
        yield order[:size]
        order = order[size:]
