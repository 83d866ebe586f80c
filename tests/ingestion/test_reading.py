"""From bytes to an event: times, ids, money, shapes."""

from decimal import Decimal

import msgspec
import pytest

from apps.compliance.api import Consent, consent_state
from apps.ingestion.domain import instants, money
from apps.ingestion.domain.events import Dropped, Event
from apps.ingestion.domain.reading import read_event

NOW = 1_780_000_000_000
NOON = 1_777_636_800_000  # 2026-05-01T12:00:00Z


def read(event: dict[str, object], **options: object) -> tuple[str, Event | Dropped]:
    raw = msgspec.json.encode({"userId": "ann", "event": "Order", **event})
    settings = {"kind": "track", "batch_sent_at": None, "received_at": NOW, "new_id": lambda: "made", **options}
    return read_event(raw, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "said",
    [
        "2026-05-01T12:00:00Z",
        "2026-05-01T12:00:00.000Z",
        "2026-05-01T12:00:00.000000000Z",
        "2026-05-01T14:00:00+02:00",
        "2026-05-01 12:00:00",
        "20260501T120000Z",
        1_777_636_800,
        1_777_636_800.0,
        1_777_636_800_000,
        "1777636800",
        "1777636800000",
    ],
)
def test_every_form_of_a_time_is_the_same_instant(said: str | float) -> None:
    assert instants.milliseconds(said) == NOON


@pytest.mark.parametrize("said", ["", "yesterday", "2026-13-01", "nan", "inf", 1e30, "9" * 40, "2026-05-01T25:00"])
def test_what_is_no_time_is_refused(said: str | float) -> None:
    with pytest.raises(instants.NotAnInstant):
        instants.milliseconds(said)


def test_clock_that_is_an_hour_slow_is_put_right() -> None:
    hour = 3_600_000

    _, event = read({"timestamp": NOW - hour - 60_000, "sentAt": NOW - hour})

    assert isinstance(event, Event)
    assert event.occurred_at == NOW - 60_000


def test_time_that_the_request_took_moves_no_event() -> None:
    _, event = read({"timestamp": NOW - 60_000}, batch_sent_at=NOW - 900)

    assert isinstance(event, Event)
    assert event.occurred_at == NOW - 60_000


@pytest.mark.parametrize(
    ("event", "reason", "field"),
    [
        ({"userId": None}, "no_identity", "userId"),
        ({"userId": {"a": 1}}, "wrong_type", "userId"),
        ({"userId": "x" * 600}, "too_long", "userId"),
        ({"previousId": "x" * 600}, "too_long", "previousId"),
        ({"groupId": "x" * 600}, "too_long", "groupId"),
        ({"event": ""}, "no_name", "event"),
        ({"event": 7}, "wrong_type", "event"),
        ({"timestamp": "soon"}, "bad_time", "timestamp"),
        ({"timestamp": NOW + 2 * 86_400_000}, "in_future", "timestamp"),
        ({"timestamp": 5}, "too_old", "timestamp"),
        ({"timestamp": "1969-12-31T23:59:59Z"}, "too_old", "timestamp"),
        ({"context": {"page": [1]}}, "wrong_type", "context.page"),
        ({"context": {"page": {"url": {}}}}, "wrong_type", "context.page.url"),
        ({"properties": [1]}, "wrong_type", "properties"),
        ({"properties": {"order_id": []}}, "wrong_type", "properties.order_id"),
        ({"event": "a\0b"}, "nul_character", ""),
    ],
)
def test_refusal_names_reason_and_field(event: dict[str, object], reason: str, field: str) -> None:
    _, dropped = read(event)

    assert isinstance(dropped, Dropped)
    assert (dropped.reason, dropped.field) == (reason, field)


def test_what_is_too_long_is_refused_under_its_own_id() -> None:
    assert read({"messageId": "m", "userId": "x" * 513})[0] == "m"
    assert read({"messageId": "m" * 600})[0] == "m" * 512


def test_as_long_as_allowed_is_taken_and_what_is_not_kept_may_be_longer() -> None:
    longest = "ü" * 512  # characters count, not bytes

    assert isinstance(read({"messageId": longest, "userId": longest, "event": longest})[1], Event)
    assert isinstance(read({"event": "Order", "name": "x" * 600})[1], Event)
    assert read({"event": None, "name": "x" * 600}, kind="page")[1].reason == "too_long"  # type: ignore[union-attr]


def test_missing_message_id_is_made() -> None:
    assert read({})[0] == "made"
    assert read({"messageId": ""})[0] == "made"
    assert read({"messageId": "m"})[0] == "m"


def test_deep_nesting_is_refused_and_brackets_in_texts_are_not() -> None:
    deep: object = 1
    for _ in range(100):
        deep = [deep]

    assert read({"properties": {"deep": deep}})[1].reason == "too_deep"  # type: ignore[union-attr]
    assert isinstance(read({"properties": {"text": "[" * 500}})[1], Event)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (12.3, "12.3000"),
        ("12.30", "12.3000"),
        (-5, "-5.0000"),
        (0.1 + 0.2, "0.3000"),
        ("1e3", "1000.0000"),
        (99_999_999_999_999, "99999999999999.0000"),
    ],
)
def test_amounts_are_exact(sent: float | str, kept: str) -> None:
    assert money.amount(sent) == Decimal(kept)


@pytest.mark.parametrize(
    "sent",
    ["NaN", "Infinity", "-inf", "12,50", "$5", True, [], {}, 10**14, -(10**14), "1" * 500, "1e999999999", "-1e999999"],
)
def test_what_cannot_be_added_up_is_no_money(sent: object) -> None:
    with pytest.raises(money.NotMoney):
        money.amount(sent)


@pytest.mark.parametrize(
    ("status", "preferences", "state"),
    [
        (None, None, Consent.UNKNOWN),
        ("denied", None, Consent.DENIED),
        ("granted", {"Analytics": False}, Consent.GRANTED),
        (None, {"Analytics": False, "Advertising": True}, Consent.DENIED),
        (None, {"Advertising": True}, Consent.GRANTED),
        (None, {"Functional": True}, Consent.UNKNOWN),
        (None, {"Functional": False, "Other": False}, Consent.DENIED),
    ],
)
def test_consent_follows_status_then_measurement(
    status: str | None, preferences: dict[str, bool] | None, state: Consent
) -> None:
    assert consent_state(status=status, preferences=preferences) is state
