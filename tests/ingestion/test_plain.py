"""Plain events are read in one pass, and end exactly as the steps of the door would have ended them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.compliance.api import ConsentRules
from apps.ingestion import services
from apps.ingestion.domain import deliveries, plain
from apps.ingestion.domain.events import Surroundings
from apps.ingestion.services import RequestMemory, Sender
from apps.ingestion.services.consenting import Records
from tests.fakes.event_log import MemoryLog

NOW = 1_780_000_000_000
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36"
KINDS = ["track", "page", "screen", "identify", "group", "alias", "spend", "click", "", None]
SOME_JSON = st.sampled_from([None, "", "x", 0, 1, 1.5, True, [], ["a"], {}, {"a": {"b": [1]}}, "\0", "я" * 600])
TIMES: st.SearchStrategy[Any] = st.sampled_from(
    [
        "2026-05-01T12:00:00.123Z",
        "2026-05-28T20:27:00+02:00",
        "2026-05-01",
        "1999-01-01",
        "2099-01-01T00:00:00Z",
        "soon",
    ]
) | st.sampled_from([None, "", 1_700_000_000, "1700000000000", 1e300, True, []])
PLAIN = {
    "type": "track",
    "event": "Viewed",
    "messageId": "m-1",
    "anonymousId": "a-1",
    "timestamp": "2026-05-01T12:00:00.123Z",
    "properties": {"sku": "1", "currency": "EUR"},
    "context": {"userAgent": CHROME, "page": {"url": "https://shop.example/"}},
}


def context() -> st.SearchStrategy[Any]:
    """Return contexts of which most are well formed."""
    return st.fixed_dictionaries(
        {},
        optional={
            "userAgent": st.sampled_from([CHROME, "Googlebot/2.1", "", None, 5]),
            "ip": st.sampled_from(["8.8.8.8", "", None, {}]),
            "gpc": st.sampled_from([True, False, None, "x"]),
            "consent": st.sampled_from([None, {}, {"status": "denied"}, {"status": "granted"}, {"gpc": True}, "x"]),
            "page": SOME_JSON,
            "locale": SOME_JSON,
        },
    )


def properties() -> st.SearchStrategy[Any]:
    """Return properties with and without money."""
    members = dict.fromkeys(("revenue", "value", "total", "order_id", "url", "sku"), SOME_JSON)
    currencies: st.SearchStrategy[Any] = st.sampled_from(["EUR", "eur", " EUR", "EURO", "ZWL", "", None, 5, [], {}])
    return st.fixed_dictionaries({}, optional={**members, "currency": currencies})


EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(KINDS),
        "messageId": st.sampled_from(["m-1", "", None, 7, "x" * 513, []]),
        "anonymousId": st.sampled_from(["a-1", "", None, 0, 7, "x" * 513, {}]),
        "userId": st.sampled_from(["u-1", "", None, 0, 7]),
        "previousId": SOME_JSON,
        "groupId": SOME_JSON,
        "event": st.sampled_from(["Viewed", "", None, "x" * 513, 5]),
        "name": SOME_JSON,
        "timestamp": TIMES,
        "originalTimestamp": TIMES,
        "sentAt": TIMES,
        "context": context() | SOME_JSON,
        "properties": properties() | SOME_JSON,
        "traits": SOME_JSON,
    },
)


def surroundings(rules: ConsentRules, *, signal: bool = False) -> Surroundings:
    """Return those of a web stream, with a memory in which nobody is known."""
    memory = RequestMemory(
        Records(lambda *_: {}, lambda *_: None, b"secret"), 7, is_in_use=False, keeps_agreement=rules.asks_somewhere
    )
    asks_nobody = not rules.asks_somewhere and not (signal and rules.hears_signal)
    return Surroundings(
        7,
        1,
        "web",
        "EUR",
        frozenset(),
        frozenset(),
        country="DE",
        consent=rules,
        sends_signal=signal,
        memory=memory,
        asks_nobody=asks_nobody,
    )


def ends(bodies: list[bytes], *, kind: str, signal: bool = False, sent_at: Any = None) -> tuple[list[Any], Any]:
    """Return what the sender hears, and what is on the log."""
    log = MemoryLog()
    sender = Sender(surroundings(ConsentRules(), signal=signal), NOW, "request-1")
    numbers = iter(range(1_000))
    answers = services.accept(
        bodies,
        kind=kind,
        sender=sender,
        batch_sent_at=sent_at,
        largest=4_096,
        new_id=lambda: f"srv-{next(numbers)}",
        log=log,
    )
    return answers, [deliveries.decode(entry.body) for entry in log.entries.values()]


@settings(max_examples=400, deadline=None)
@given(
    events=st.lists(EVENTS | st.builds(lambda changed: {**PLAIN, **changed}, EVENTS), min_size=1, max_size=4),
    kind=st.sampled_from(["", "track", "page", "alias"]),
    signal=st.booleans(),
    sent_at=st.sampled_from([None, "", "2026-05-01T12:00:00Z", "soon"]),
)
def test_events_end_as_the_steps_end_them(events: list[Any], kind: str, signal: bool, sent_at: Any) -> None:
    bodies = [json.dumps(event).encode() for event in events]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(plain, "reader", lambda *_, **__: None)
        expected = ends(bodies, kind=kind, signal=signal, sent_at=sent_at)

    assert ends(bodies, kind=kind, signal=signal, sent_at=sent_at) == expected


@pytest.mark.parametrize(
    "changed",
    [
        {"context": {"consent": {"status": "denied"}}},
        {"context": {"gpc": True}},
        {"context": {"ip": "8.8.8.8"}},
        {"context": {"userAgent": "Googlebot/2.1"}},
        {"properties": {"revenue": "5"}},
        {"properties": {"currency": ["EUR"]}},
        {"type": "alias"},
        {"messageId": ""},
        {"event": ""},
        {"timestamp": "1999-01-01"},
    ],
)
def test_what_a_step_looks_at_is_not_plain(changed: dict[str, Any]) -> None:
    read = plain.reader(
        surroundings(ConsentRules()),
        kind="",
        kinds=frozenset({"track", "alias"}),
        received_at=NOW,
        batch_sent_at=None,
        largest=4_096,
    )
    assert read is not None

    assert read(json.dumps(PLAIN).encode()) is not None
    assert read(json.dumps({**PLAIN, **changed}).encode()) is None


def test_nothing_is_plain_once_somebody_in_the_batch_has_refused() -> None:
    """R8: what the first event says holds for the next, which says nothing."""
    first = {**PLAIN, "messageId": "m-0", "context": {"consent": {"status": "denied"}}}

    answers, _ = ends([json.dumps(event).encode() for event in (first, PLAIN)], kind="")

    assert [answer.reason for answer in answers] == ["consent_denied", "consent_denied"]
