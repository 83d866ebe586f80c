"""The API about credit: explanations and what-if say what the pages say, to members alone (R5, R6)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.factories.company import Company
from tests.reports.conftest import NASTY, QUOTED


@pytest.fixture
def base(world: Company) -> str:
    """The beginning of every address about the shop."""
    return f"/api/v1/properties/{world.shop.pk}/"


def get(client: Client, address: str, status: int = 200) -> Any:
    answer = client.get(address)
    assert answer.status_code == status, answer.content
    kind = "application/json" if status == 200 else "application/problem+json"
    assert answer["Content-Type"] == kind
    return answer.json()


def days(back: int = 5) -> str:
    today = datetime.now(UTC).date()
    return f"from={today - timedelta(days=back)}&to={today}"


def test_explanation_says_why_each_touchpoint_has_its_credit(world: Company, base: str) -> None:
    said = get(world.client_of(world.grace), f"{base}conversions/sale-1/explanation/")

    mail, direct = said.pop("touchpoints")
    assert said | {"converted_at": ""} == {
        "conversion_id": "sale-1",
        "goal": "Purchase",
        "goal_version": 1,
        "settings_version": 1,
        "converted_at": "",
        "value": "100.0000",
        "currency": "EUR",
        "order_id": "o1",
        "is_refund": False,
        "is_counted": True,
        "method": "last_non_direct",
        "rule": said["rule"],
        "cannot_claim": said["cannot_claim"],
        "click_lookback_seconds": 30 * 86_400,
        "view_lookback_seconds": 86_400,
        "reason": "",
        "reason_text": "",
        "counts_as": "",
    }
    assert (mail["channel"], mail["campaign"], mail["share"], mail["amount"]) == ("Email", QUOTED, 1.0, "100.0000")
    assert (mail["code"], mail["text"]) == ("only_touchpoint", "It is the only touchpoint that counts.")
    assert (direct["is_removed"], direct["code"], direct["age_ms"]) == (True, "direct_yields", 7_200_000)


def test_explanation_follows_the_method_and_the_lookback(world: Company, base: str) -> None:
    address = f"{base}conversions/sale-1/explanation/?method=time_decay&click=24"
    mail, direct = get(world.client_of(world.grace), address)["touchpoints"]

    assert mail["text"] == "It is 2 days old; clicks and visits count for 1 day."
    assert mail["parameters"] == {"age_ms": 172_800_000, "lookback_ms": 86_400_000}
    assert direct["share"] == 1.0


def test_explanation_of_what_is_unattributed_gives_the_reason(world: Company, base: str) -> None:
    said = get(world.client_of(world.grace), f"{base}conversions/sale-3/explanation/")

    assert (said["touchpoints"], said["reason"], said["counts_as"]) == ([], "no_touchpoint", "Direct")
    assert said["reason_text"] == "No touchpoint of this person is known."


def test_what_if_says_both_sides_and_every_move(world: Company, base: str) -> None:
    said = get(world.client_of(world.grace), f"{base}what-if/?{days()}&method=linear")

    assert said["before"]["method"] == "last_non_direct"
    assert said["after"]["method"] == "linear"
    assert {row["key"]: (row["before"]["conversions"], row["after"]["conversions"]) for row in said["rows"]} == {
        "Email": (1.0, 0.5),
        "Display": (1.0, 1.0),
        "Direct": (0.0, 0.5),
    }
    assert said["unattributed"]["after"] == {"conversions": 1.0, "revenue": "10.0000"}
    assert said["moves"] == [
        {"giver": "Email", "taker": "Direct", "conversions": 0.5, "revenue": "50.0000", "touched": 1}
    ]


def test_what_if_tells_a_campaign_without_a_name_from_what_is_unattributed(world: Company, base: str) -> None:
    said = get(world.client_of(world.grace), f"{base}what-if/?{days()}&method=last_touch&by=campaign&click=3")

    moves = {(one["giver"], one["taker"]): one["conversions"] for one in said["moves"]}
    assert moves == {(QUOTED, ""): 1.0, (NASTY, None): 1.0}


def test_what_if_tries_channel_rules(world: Company, base: str) -> None:
    rules = '[{"channel": "Letters", "when": [["source", "is", "NEWSLETTER"]]}]'
    said = get(world.client_of(world.grace), f"{base}what-if/?{days()}&channel_rules={rules}")

    assert [(one["giver"], one["taker"]) for one in said["moves"]] == [("Email", "Letters")]


BAD_QUESTIONS: tuple[tuple[str, int, str | None], ...] = (
    ("conversions/sale-1/explanation/?method=magic", 400, "method"),
    ("conversions/sale-1/explanation/?click=0", 400, "click"),
    ("conversions/sale-1/explanation/?view=169", 400, "view"),
    ("conversions/sale-1/explanation/?goal=x", 400, "goal"),
    ("conversions/sale-1/explanation/?goal=999999", 400, "goal"),
    ("conversions/nothing/explanation/", 404, None),
    ("conversions/%00/explanation/", 404, None),
    ("conversions/a/b/explanation/", 404, None),
    ("what-if/", 400, "from"),
    ("what-if/?from=2026-01-01&to=2025-01-01", 400, "to"),
    ("what-if/?from=2000-01-01&to=2026-01-01", 400, "to"),
    ("what-if/?from=2026-01-01&to=2026-01-02&by=colour", 400, "by"),
    ("what-if/?from=2026-01-01&to=2026-01-02&channel_rules={", 400, "channel_rules"),
    ("what-if/?from=2026-01-01&to=2026-01-02&channel_rules=[[1]]", 400, "channel_rules"),
    ("what-if/?from=2026-01-01&to=2026-01-02&channel_rules=" + "[" * 5000, 400, "channel_rules"),
)


def test_bad_question_is_told_which_field(world: Company, base: str) -> None:
    grace = world.client_of(world.grace)
    for address, status, field in BAD_QUESTIONS:
        said = get(grace, base + address, status)

        assert said["status"] == status
        assert field is None or said["errors"][0]["field"] == field


def test_outsiders_and_strangers_find_nothing(world: Company, base: str) -> None:
    for address in ("conversions/sale-1/explanation/", "what-if/?from=2026-01-01&to=2026-01-02"):
        get(world.client_of(world.mallory), base + address, 404)
        assert Client().get(base + address).status_code in (401, 403)
        get(world.client_of(world.grace), f"/api/v1/properties/{10**30}/{address}", 404)
