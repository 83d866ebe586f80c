"""What the writer remembers of contexts changes no fact: the same steps, one by one, say the same of every event."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.ingestion.domain import contexts, pipeline
from apps.ingestion.domain.columns import COLUMNS, reader
from apps.ingestion.domain.contexts import Contexts
from apps.ingestion.domain.deliveries import Delivery, Item
from apps.ingestion.domain.events import Dropped, Event, Surroundings
from apps.ingestion.domain.payload import decode_payload
from apps.ingestion.domain.reading import facts_of

NOW = 1_780_000_000_000
KINDS = ("track", "page", "screen", "identify", "group", "alias", "spend", "click")
WORDS = st.sampled_from([None, "", "a", "google", "Ä", 1, True, 1.0])
URLS = st.sampled_from(
    [
        None,
        "https://shop.example/a?utm_source=google&utm_medium=cpc",
        "https://shop.example/?gclid=x#y",
        "https://shop.example/?tbclid=c-1",
        "/p?q",
        True,
        1,
    ]
)
AGENTS = st.sampled_from([None, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)", "curl/8", "node-fetch"])
PAGE = {"url": URLS, "path": WORDS, "referrer": st.sampled_from([None, "https://www.google.com/", 1]), "title": WORDS}
CONTEXT = st.fixed_dictionaries(
    {},
    optional={
        "page": st.none() | st.fixed_dictionaries({}, optional=PAGE),
        "campaign": st.fixed_dictionaries({}, optional={"source": WORDS, "name": WORDS, "channel": WORDS}),
        "userAgent": AGENTS,
        "locale": WORDS,
        "ip": st.just(""),
        "library": st.fixed_dictionaries({"name": WORDS}),
        "os": st.fixed_dictionaries({}, optional={"name": WORDS}),
        "device": st.fixed_dictionaries({}, optional={"type": st.sampled_from(["Tablet", "phone", "desktop"])}),
        "referrer": st.sampled_from([None, "https://www.bing.com/", {"url": "https://www.bing.com/"}, {"url": 1}]),
        "location": st.sampled_from([None, "DE", {"country_id": "US"}]),
    },
)
AMOUNTS = st.sampled_from([None, 1, "2.50", -3.25, "much", True, ""])
MONEY = {"revenue": AMOUNTS, "value": AMOUNTS, "currency": st.sampled_from([None, "usd", "x"]), "order_id": WORDS}
PROPERTIES = st.none() | st.fixed_dictionaries({}, optional={**PAGE, **MONEY})
IDS = st.sampled_from([None, "ann", "bob", 7])
PAYLOADS = st.fixed_dictionaries(
    {},
    optional={
        "anonymousId": IDS,
        "userId": IDS,
        "previousId": IDS,
        "groupId": st.sampled_from([None, "g", "1", 1]),
        "category": st.sampled_from([None, "", "Docs", 5, {"a": 1}]),
        "event": st.sampled_from(["Order", "Order Refunded"]),
        "name": st.sampled_from(["Home", None]),
        "context": st.none() | CONTEXT,
        "properties": PROPERTIES,
        "traits": PROPERTIES,
    },
)
SURROUNDINGS = st.sampled_from(
    [
        Surroundings(7, 3, "web", "EUR", frozenset({"shop.example"}), frozenset()),
        Surroundings(7, 3, "web", "EUR", frozenset({"shop.example"}), frozenset(), user_agent="Mozilla/5.0 (X11)"),
        Surroundings(7, 4, "ios", "USD", frozenset(), frozenset({"www.google.com"})),
        Surroundings(8, 5, "server", "EUR", frozenset(), frozenset()),
    ]
)


def step_by_step(item: Item, about: Surroundings) -> Event | Dropped:
    """Return what the definition says, each step in its turn."""
    payload = decode_payload(item.payload)
    name = (payload.event if item.kind == "track" else payload.name) or ""
    event = Event(0, 0, item.message_id, item.kind, name, item.occurred_at, NOW, country=item.country)
    event.payload, event.facts, event.raw = payload, facts_of(payload), item.payload
    return pipeline.run(event, about, pipeline.AFTER_DOOR)


def columns(outcome: Event | Dropped) -> Any:
    return outcome if isinstance(outcome, Dropped) else {name: reader(name)(outcome) for name in COLUMNS}


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(KINDS), PAYLOADS, SURROUNDINGS), min_size=1, max_size=8))
def test_remembered_context_gives_the_facts_that_the_steps_give(sent: list[tuple[str, Any, Surroundings]]) -> None:
    remembered = Contexts()
    for _ in range(2):  # the second time everything is remembered
        for number, (kind, payload, about) in enumerate(sent):
            item = Item(f"m-{number}", kind, NOW - number, msgspec.json.encode(payload), country="DE")
            delivery = Delivery(1, about.property_id, about.stream_id, about.stream_kind, NOW, "", [item], [])

            found = remembered.reader(delivery, about).event(item)

            assert columns(found) == columns(step_by_step(item, about))


def facts(payload: dict[str, Any], kind: str = "web") -> Any:
    found = step_by_step(
        Item("m", "track", NOW, msgspec.json.encode(payload)), Surroundings(7, 3, kind, "EUR", frozenset(), frozenset())
    )
    assert isinstance(found, Event)
    return found.of_context


def test_referrer_that_is_no_page_gives_the_source_and_stays() -> None:
    referrer = {"url": "https://www.bing.com/", "type": "dataxu", "id": "x"}
    alone = facts({"userId": "ann", "event": "x", "context": {"referrer": referrer}})
    page = {"page": {"referrer": "https://news.example/"}}
    beside = facts({"userId": "ann", "event": "x", "context": {"referrer": referrer, **page}})

    assert (alone.referrer_host, msgspec.json.decode(alone.context)) == ("www.bing.com", {"referrer": referrer})
    assert beside.referrer_host == "news.example"
    assert msgspec.json.decode(beside.context) == {"referrer": referrer, "pageReferrer": "https://news.example/"}


def test_category_of_a_page_stays_beside_its_name() -> None:
    assert msgspec.json.decode(facts({"userId": "ann", "event": "x", "category": "Docs"}).context) == {
        "category": "Docs"
    }


def test_device_that_a_server_names_counts_before_the_agent() -> None:
    context = {"device": {"type": "Mobile"}, "userAgent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"}

    assert facts({"userId": "ann", "event": "x", "context": context}, "server").device == "mobile"


def test_memory_of_contexts_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contexts, "_MOST", 3)
    remembered, about = Contexts(), Surroundings(7, 3, "web", "EUR", frozenset(), frozenset())
    delivery = Delivery(1, 7, 3, "web", NOW, "", [], [])
    for number in range(10):
        item = Item("m", "page", NOW, msgspec.json.encode({"userId": "ann", "context": {"locale": str(number)}}))
        remembered.reader(delivery, about).event(item)

        assert len(remembered.known(about)) <= 3
