"""Without consent nothing personal is stored (R8): what a call says, what a browser signals, what was said before."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from apps.compliance.api import BadConsentString, Consent, ConsentRules, decide, tcf_choices
from apps.ingestion import services, wiring
from apps.ingestion.domain import deliveries
from apps.ingestion.models import RememberedConsent
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog
from tests.ingestion.test_door import assert_problem, post

EVENT = {"userId": "ann", "event": "Order Completed"}
AMERICAN = {"ip": "8.8.8.8"}


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """Look rules up anew in each test."""
    for lookup in (wiring.consent_rules_of(), wiring._remembers_consent()):
        lookup.forget()
    yield
    for lookup in (wiring.consent_rules_of(), wiring._remembers_consent()):
        lookup.forget()


def tcf(*purposes: int, interests: tuple[int, ...] = (), version: int = 2, chosen: datetime | None = None) -> str:
    """Return a string as the specification of TCF 2 lays it out, without vendors; *chosen* yesterday by default."""
    updated = int((chosen or datetime.now(UTC) - timedelta(days=1)).timestamp()) * 10
    head = (
        f"{version:06b}",
        f"{16 * 10**9:036b}{updated:036b}",
        f"{7:012b}{1:012b}{1:06b}",
        f"{4:06b}{13:06b}{50:012b}{4:06b}10",
    )
    given = ("".join(str(int(number in chosen)) for number in range(1, 25)) for chosen in (purposes, interests))
    bits = "".join((*head, "0" * 12, *given, "0", f"{4:06b}{13:06b}", "0" * 16 + "0" + "0" * 16 + "0" + "0" * 12))
    bits += "0" * (-len(bits) % 8)
    packed = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def kept(log: MemoryLog) -> bytes:
    return b"".join(entry.body for entry in log.entries.values())


@pytest.mark.parametrize(
    ("purposes", "interests", "state"),
    [
        ((1, 2, 7), (), Consent.GRANTED),
        ((1, 7), (), Consent.MEASUREMENT),
        ((1,), (2, 7), Consent.GRANTED),
        ((1,), (7,), Consent.MEASUREMENT),
        ((1, 2, 3, 8), (), Consent.DENIED),
        ((7,), (7,), Consent.DENIED),
        ((), (), Consent.DENIED),
    ],
)
def test_tcf_string_is_read(purposes: tuple[int, ...], interests: tuple[int, ...], state: Consent) -> None:
    assert tcf_choices(tcf(*purposes, interests=interests)).consent is state


@pytest.mark.parametrize(
    "text",
    ["x", "C" * 35, "é" * 50, "\ud800" * 50, "A" * 5_000, "!" * 44, tcf(1, 7, version=1)],
    ids=["short", "letters", "no ASCII", "surrogates", "long", "no Base64", "version 1"],  # the last holds the clock
)
def test_what_is_no_tcf_string_is_said_so(text: str) -> None:
    with pytest.raises(BadConsentString):
        tcf_choices(text)


@pytest.mark.parametrize("sign", ["%", "=", " ", "*", "é", "+", "/"])
def test_foreign_characters_in_a_tcf_string_make_no_yes_of_a_no(sign: str) -> None:
    """Decoders that skip them read the purposes at other places (R8)."""
    refusal = tcf(interests=(2, 7, 8, 9, 10))
    assert tcf_choices(refusal).consent is Consent.DENIED

    for places in ((20, 22, 24, 25), (5,), (0, 1, 2, 3)):
        text = "".join(sign * (place in places) + character for place, character in enumerate(refusal))
        with pytest.raises(BadConsentString):
            tcf_choices(text)


@pytest.mark.parametrize(
    ("stated", "signal", "remembered", "country", "state"),
    [
        ("unknown", False, "unknown", "US", "granted"),
        ("unknown", False, "unknown", "DE", "denied"),
        ("unknown", False, "unknown", "", "denied"),
        ("granted", True, "denied", "DE", "granted"),
        ("denied", False, "granted", "US", "denied"),
        ("unknown", True, "granted", "US", "denied"),
        ("unknown", False, "granted", "DE", "granted"),
        ("unknown", False, "denied", "US", "denied"),
    ],
)
def test_the_call_speaks_before_the_signal_and_the_signal_before_the_past(
    stated: str, signal: bool, remembered: str, country: str, state: str
) -> None:
    decided = decide(
        stated=Consent(stated),
        signal=signal,
        remembered=Consent(remembered),
        country=country,
        rules=ConsentRules(1, asks_in=frozenset({"DE"})),
    )

    assert decided is Consent(state)


@pytest.mark.parametrize(
    "context",
    [
        {"consent": {"status": "denied"}},
        {"consent": {"categoryPreferences": {"Analytics": False}}},
        {"consent": {"purposes": {"measurement": "denied", "marketing": True}}},
        {"consent": {"analytics_storage": 1, "measurement": False}},
        {"consent": {"tcf": tcf(2, 3)}},
        {"consent": {"tcString": tcf(2, 3), "gdprApplies": True}},
        {"consent": {"analytics_storage": "denied", "ad_storage": "denied"}},
        {"consent": {"statistics": False, "marketing": True}},
        {"consent": {"categoryPreferences": {"analytics": 0}}},
        {"consent": {"categoryPreferences": {"C0001": True, "C0002": False, "C0003": False, "C0004": False}}},
        {"consent": {"status": "Opted_Out"}},
        {"consent": {"status": "withdrawn"}},
        {"consent": {"status": "deny"}},
        {"consent": {"granted": False}},
        {"consent": {"gpc": True}},
        {"consent": {"gpc": "1"}},
        {"gpc": True},
        {"gpc": 1},
        {"gpc": "1"},
        {"gpc": " True "},
    ],
)
def test_every_way_to_refuse_is_heard_and_nothing_is_kept(
    door: Client, key: str, log: MemoryLog, context: dict[str, object]
) -> None:
    response = post(door, "/v1/track", {**EVENT, "messageId": "m-secret", "context": context}, key)

    assert_problem(response, 403, "consent_denied", "context.consent")
    assert b"ann" not in kept(log)
    assert b"m-secret" not in kept(log)
    (entry,) = log.entries.values()
    assert [refusal.reason for refusal in deliveries.decode(entry.body).refusals] == ["consent_denied"]


def test_signal_of_the_browser_is_heard_unless_the_property_does_not(
    door: Client, company: Company, key: str, log: MemoryLog
) -> None:
    assert_problem(post(door, "/v1/track", EVENT, key, **{"sec-gpc": "1"}), 403, "consent_denied", "context.consent")

    services.change_consent(property_id=company.shop.pk, made_by=company.ada, hears_signal=False)
    wiring.consent_rules_of().forget()

    assert post(door, "/v1/track", EVENT, key, **{"sec-gpc": "1"}).status_code == 200


def test_gdpr_that_does_not_apply_and_other_consent_let_in(door: Client, key: str) -> None:
    for consent in (
        {"tcf": tcf(), "gdprApplies": False},
        {"tcf": tcf(), "gdprApplies": 0},
        {"tcf": tcf(1, 7)},
        {"purposes": {"analytics_storage": "granted"}},
    ):
        assert post(door, "/v1/track", {**EVENT, "context": {"consent": consent}}, key).status_code == 200


@pytest.mark.parametrize("gpc", [False, 0, "0", "", None, [], {"gpc": True}])
def test_what_is_no_signal_refuses_nobody(door: Client, key: str, gpc: object) -> None:
    assert post(door, "/v1/track", {**EVENT, "context": {"gpc": gpc}}, key).status_code == 200


@pytest.mark.parametrize("ip", [r'"203.0.113\u002e77"', r'"\u0032\u00303.0.113.77"', "3405803853"])
def test_address_is_not_kept_however_it_is_written(door: Client, key: str, log: MemoryLog, ip: str) -> None:
    context = f'{{"locale": "de", "ip": {ip}}}'
    body = f'{{"userId": "ann", "event": "x", "messageId": "m-1", "context": {context}}}'

    assert post(door, "/v1/track", body.encode(), key).status_code == 200
    (entry,) = log.entries.values()
    (item,) = deliveries.decode(entry.body).items
    assert json.loads(item.payload)["context"] == {"locale": "de", "ip": ""}


def test_word_in_place_of_an_address_takes_nothing_else_out(door: Client, key: str, log: MemoryLog) -> None:
    event = {"userId": "ann", "event": "x", "properties": {"reason": "unknown"}}

    for word in ("unknown", "userId"):
        post(door, "/v1/track", {**event, "context": {"ip": word}}, key)

    items = [item for entry in log.entries.values() for item in deliveries.decode(entry.body).items]
    assert [json.loads(item.payload) for item in items] == [{**event, "context": {"ip": ""}}] * 2


def test_bad_string_is_refused_and_nothing_of_it_is_kept(door: Client, key: str, log: MemoryLog) -> None:
    response = post(door, "/v1/track", {**EVENT, "context": {"consent": {"tcf": "nonsense"}}}, key)

    assert_problem(response, 400, "bad_consent", "context.consent")
    assert b"ann" not in kept(log)


def test_region_that_asks_needs_an_agreement(door: Client, company: Company, key: str, log: MemoryLog) -> None:
    services.change_consent(property_id=company.shop.pk, made_by=company.ada, asks_in=["DE"])
    german = {**EVENT, "context": {"ip": "5.1.83.46"}}  # given to Germany

    refused = post(door, "/v1/track", german, key)
    american = post(door, "/v1/track", {**EVENT, "context": AMERICAN}, key)
    agreed = post(
        door, "/v1/track", {**german, "context": {**german["context"], "consent": {"status": "granted"}}}, key
    )

    assert_problem(refused, 403, "consent_denied", "context.consent")
    assert (american.status_code, agreed.status_code) == (200, 200)
    assert post(door, "/v1/track", german, key).status_code == 200  # the same person, who has agreed


def test_refusal_holds_for_every_id_until_the_person_says_otherwise(
    door: Client, company: Company, key: str, log: MemoryLog
) -> None:
    both = {**EVENT, "anonymousId": "device"}
    post(door, "/v1/identify", {**both, "context": {"consent": {"status": "denied"}}}, key)

    by_user, by_device = post(door, "/v1/track", EVENT, key), post(door, "/v1/page", {"anonymousId": "device"}, key)
    somebody = post(door, "/v1/track", {**EVENT, "userId": "ben"}, key)
    elsewhere = post(door, "/v1/track", EVENT, company.theirs.streams.get().write_key)

    assert [r.status_code for r in (by_user, by_device, somebody, elsewhere)] == [403, 403, 200, 200]
    post(door, "/v1/identify", {**both, "context": {"consent": {"status": "granted"}}}, key)
    assert post(door, "/v1/page", {"anonymousId": "device"}, key).status_code == 200
    assert not RememberedConsent.objects.filter(is_granted=False).exists()


def test_refusal_holds_for_an_id_that_is_joined_to_another(door: Client, key: str, log: MemoryLog) -> None:
    post(door, "/v1/track", {**EVENT, "context": {"consent": {"status": "denied"}}}, key)
    wiring._remembers_consent().forget()

    joined = post(door, "/v1/alias", {"previousId": "ann", "userId": "somebody"}, key)

    assert_problem(joined, 403, "consent_denied", "context.consent")
    assert b"ann" not in kept(log)


def test_refusal_inside_a_batch_holds_for_what_follows(door: Client, key: str) -> None:
    batch = [
        {"type": "page", "anonymousId": "x"},
        {"type": "page", "anonymousId": "x", "context": {"consent": {"status": "denied"}}},
        {"type": "page", "anonymousId": "x"},
    ]

    ends = post(door, "/v1/batch", {"batch": batch}, key).json()["results"]

    assert [end["status"] for end in ends] == ["accepted", "refused", "refused"]


def test_refusal_that_cannot_be_kept_or_looked_up_means_send_again(
    door: Client, key: str, log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_down(*_args: Any) -> Any:
        raise OperationalError("down")

    with monkeypatch.context() as broken:
        broken.setattr(wiring, "keep_consents", is_down)
        refused = {**EVENT, "context": {"consent": {"status": "denied"}}}
        assert_problem(post(door, "/v1/track", refused, key), 503, "consent_unavailable")
    post(door, "/v1/track", refused, key)
    monkeypatch.setattr(wiring.queries, "remembered_consents", is_down)

    assert_problem(post(door, "/v1/track", EVENT, key), 503, "consent_unavailable")


def test_event_that_is_wrong_besides_keeps_nothing_without_consent(
    door: Client, company: Company, key: str, log: MemoryLog
) -> None:
    post(door, "/v1/track", {"userId": "ann", "context": {"consent": {"status": "denied"}}}, key)
    services.change_consent(property_id=company.shop.pk, made_by=company.ada, asks_everywhere=True)
    wiring.consent_rules_of().forget()
    post(door, "/v1/track", {"userId": "ann"}, key)
    post(door, "/v1/track", b'{"userId": "ann"', key)

    assert b"ann" not in kept(log)
    assert len(log.entries) == 3


@pytest.mark.parametrize(
    "wrong",
    [{"timestamp": "no time"}, {"event": ""}, {"event": 5}, {"event": "x", "properties": {"text": "x" * 33_000}}],
    ids=["time", "name", "type", "size"],
)
def test_refusal_of_before_holds_for_what_is_wrong_besides(
    door: Client, key: str, log: MemoryLog, wrong: dict[str, object]
) -> None:
    post(door, "/v1/track", {**EVENT, "context": {"consent": {"status": "denied"}}}, key)
    wiring._remembers_consent().forget()

    post(door, "/v1/track", {**EVENT, "traits": {"email": "ann@x.example"}, **wrong}, key)
    post(door, "/v1/batch", b'{"batch": [{"userId": "ann", "email": "ann@x.example"}', key)

    assert b"ann" not in kept(log)
    assert len(log.entries) == 3


@pytest.mark.parametrize("wrong", [{"timestamp": "no time"}, {"event": ""}, {"timestamp": "2099-01-01"}])
def test_refusal_is_heard_in_an_event_that_is_wrong_besides(
    door: Client, key: str, log: MemoryLog, wrong: dict[str, object]
) -> None:
    answer = post(door, "/v1/track", {**EVENT, **wrong, "context": {"consent": {"status": "denied"}}}, key)

    assert answer.status_code == 400
    wiring._remembers_consent().forget()
    assert_problem(post(door, "/v1/track", EVENT, key), 403, "consent_denied", "context.consent")


def test_country_that_the_client_states_is_asked_about(door: Client, company: Company, key: str) -> None:
    services.change_consent(property_id=company.shop.pk, made_by=company.ada, asks_in=["DE"])
    hit = {"client_id": "c", "events": [{"name": "view"}]}

    places = [{"country_id": "US"}, {"country_id": "DE"}, {"country": "us"}, {"country": "Germany"}, "US"]
    answers = [post(door, "/v1/track", {**EVENT, "context": {"location": place}}, key) for place in places]
    american = post(door, f"/mp/collect?api_secret={key}", {**hit, "user_location": places[0]}, key)

    assert [answer.status_code for answer in answers] == [200, 403, 200, 403, 403]
    assert american.status_code == 204


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/mp/collect?api_secret={key}", {"client_id": "c", "events": [{"name": "view"}]}),
        ("/v1/events", {"type": "conversion", "userId": "ann", "event": "x"}),
    ],
)
def test_address_of_a_server_says_nothing_of_where_the_person_is(
    door: Client, company: Company, key: str, log: MemoryLog, path: str, body: dict[str, object]
) -> None:
    services.change_consent(property_id=company.shop.pk, made_by=company.ada, asks_in=["DE"])

    def send(where: str) -> int:
        headers = {"authorization": f"Bearer {key}", "user-agent": "of-a-server/1"}
        raw = json.dumps(body)
        return door.post(
            where.format(key=key), raw, content_type="application/json", headers=headers, REMOTE_ADDR="8.8.8.8"
        ).status_code

    assert send(path) == 403
    services.change_consent(property_id=company.shop.pk, made_by=company.ada, asks_in=[])
    wiring.consent_rules_of().forget()
    assert send(path) in (200, 204)
    (item,) = [item for entry in log.entries.values() for item in deliveries.decode(entry.body).items]
    assert (item.country, b"of-a-server" in kept(log)) == ("", False)


def test_refusal_in_letters_that_are_escaped_keeps_nothing(door: Client, key: str, log: MemoryLog) -> None:
    body = rb'{"userId": "ann", "timestamp": "?", "event": "x", "context": {"c\u006fnsent": {"status": "denied"}}}'

    assert_problem(post(door, "/v1/track", body, key), 400, "bad_time", "timestamp")
    assert b"ann" not in kept(log)


@pytest.mark.parametrize("consent", [{"status": "denied"}, {"tcf": "nonsense"}])
def test_agent_of_who_refuses_is_not_kept(door: Client, key: str, log: MemoryLog, consent: dict[str, object]) -> None:
    post(door, "/v1/track", {**EVENT, "context": {"consent": consent}}, key, **{"user-agent": "Secret/1"})

    assert b"Secret" not in kept(log)
    post(door, "/v1/track", {**EVENT, "userId": "ben"}, key, **{"user-agent": "Secret/1"})
    assert b"Secret" in kept(log)


def test_click_without_consent_sends_the_person_on_and_keeps_nothing(
    door: Client, company: Company, log: MemoryLog
) -> None:
    services.create_link(
        property_id=company.shop.pk, made_by=None, slug="go", name="x", destination="https://a.example/", source="s"
    )

    response = door.get("/l/go?uid=ann", headers={"sec-gpc": "1", "user-agent": "Mozilla/5.0 (X11) Firefox/140.0"})

    assert (response.status_code, response["Location"]) == (302, "https://a.example/?utm_source=s")
    assert b"ann" not in kept(log)
    assert b"Firefox" not in kept(log)
    (entry,) = log.entries.values()
    assert [refusal.reason for refusal in deliveries.decode(entry.body).refusals] == ["consent_denied"]


def test_ad_spend_is_nobodys_and_needs_no_consent(door: Client, company: Company, key: str, log: MemoryLog) -> None:
    services.change_consent(property_id=company.shop.pk, made_by=company.ada, asks_everywhere=True)

    spend = post(door, "/v1/events", {"type": "spend", "date": "2026-05-31", "cost": 1}, key)
    sale = post(door, "/v1/events", {"type": "conversion", "userId": "ann", "event": "Sale"}, key)

    assert spend.status_code == 200
    assert_problem(sale, 403, "consent_denied", "context.consent")
