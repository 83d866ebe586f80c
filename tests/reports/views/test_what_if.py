"""The page "What if": what would move, what is promoted, by whom, and how it is taken back (R5, R10)."""

import csv
import io
import re
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.attribution import api as attribution
from apps.orgs import api as orgs
from tests.factories.company import Company
from tests.reports.conftest import NASTY, build

PAGE = "/o/fernweh/p/shop/what-if/"
RULES = "rule_channel=Newsletters&rule_field=source&rule_operator=is&rule_value=newsletter"


@pytest.fixture
def ada(world: Company) -> Client:
    """Ada's browser; she owns the organization."""
    return world.client_of(world.ada)


def words(client: Client, query: str = "") -> str:
    answer = client.get(PAGE + query)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL).split())


def test_same_rules_move_nothing(ada: Client) -> None:
    text = words(ada)

    assert "Nothing moves: these rules give everybody what the rules of today give." in text
    assert "These are the rules of today." in text


def test_method_moves_credit_and_money_from_channel_to_channel(ada: Client) -> None:
    text = words(ada, "?method=linear")

    assert "Email 1 0.5 −0.5 €100.00 €50.00 −€50.00" in text
    assert "Direct 0 0.5 +0.5 €0.00 €50.00 +€50.00" in text
    assert "Email Direct 0.5 €50.00 1 conversion" in text
    assert "Default method Last non-direct Linear" in text


def test_lookback_moves_credit_to_the_unattributed(ada: Client) -> None:
    text = words(ada, "?method=last_touch&click=1")

    assert "Unattributed 1 3 +2 €10.00 €160.00 +€150.00" in text
    assert "Display Unattributed 1 €50.00 1 conversion" in text


def test_channel_rules_are_tried_and_said_back(ada: Client) -> None:
    text = words(ada, f"?{RULES}")

    assert "Newsletters 0 1 +1 €0.00 €100.00 +€100.00" in text
    assert "Email Newsletters 1 €100.00 1 conversion" in text
    assert "Channel rules none Newsletters: Source is “newsletter”" in text


def test_campaigns_are_compared_too_and_names_are_escaped(ada: Client) -> None:
    html = ada.get(f"{PAGE}?method=last_touch&by=campaign").content.decode()

    assert NASTY not in html
    assert "&lt;script&gt;alert(" in html


BAD_RULES = (
    (
        "rule_channel=&rule_field=source&rule_operator=is&rule_value=x",
        "Line 1 of the channel rules: the first",
    ),
    ("rule_channel=X&rule_field=colour&rule_operator=is&rule_value=x", "unknown field or condition"),
    ("rule_channel=X&rule_field=source&rule_operator=drop&rule_value=x", "unknown field or condition"),
    ("rule_channel=X&rule_field=source&rule_operator=contains&rule_value=", "say which value"),
    (f"rule_channel={'X' * 61}&rule_field=source&rule_operator=is&rule_value=x", "at most 60 characters"),
    ("rule_channel=X", "unknown field or condition"),
    ("rule_value=%00&rule_channel=%FF&rule_field=source", "unknown field or condition"),
)


def test_rules_that_cannot_be_read_are_named_and_left_out(ada: Client) -> None:
    for query, said in BAD_RULES:
        text = words(ada, f"?{query}")

        assert said in text
        assert "The figures below leave them out." in text
        assert "Nothing moves" in text


def table(client: Client, name: str, query: str) -> list[list[str]]:
    answer = client.get(f"{PAGE}{name}.csv?{query}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.reader(io.StringIO(text, newline="")))


def test_both_tables_are_taken_along_as_they_are_seen(ada: Client) -> None:
    assert table(ada, "moves", "method=linear")[1:] == [["Email", "Direct", "0.5", "50.0000", "1"]]
    rows = table(ada, "breakdown", f"method=linear&{RULES}")
    assert rows[0][0] == "Channel"
    assert ["Newsletters", "0.0", "0.5", "0", "50.0000"] in rows
    assert ada.get(f"{PAGE}other.csv").status_code == 404


def test_a_hundred_lines_are_read_and_no_more(ada: Client) -> None:
    query = "&".join(RULES.replace("Newsletters", f"N{number}") for number in range(130))

    assert "at most 50 rules" in words(ada, f"?{query}")


def promote(client: Client, query: str, **fields: str) -> str:
    seen = re.search(r'name="seen" value="([^"]*)"', client.get(f"{PAGE}?{query}").content.decode())
    posted = {"seen": seen[1].replace("&quot;", '"') if seen else "{}"} | fields
    answer = client.post(f"{PAGE}promote/?{query}", posted, follow=True)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL).split())


@pytest.fixture
def built(world: Company, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Iterator[Company]:
    """A world whose builds after a promotion are only asked for."""
    with django_capture_on_commit_callbacks():
        yield world


def test_promotion_is_a_new_version_with_a_name_and_can_be_undone(built: Company) -> None:
    ada, shop = built.client_of(built.ada), built.shop
    before = attribution.rule_values(shop.pk)

    text = promote(ada, f"method=linear&click=168&{RULES}", covers_past="on", note="As agreed")

    assert "Promotion 1 holds from now on." in text
    assert "As agreed" in text
    assert "ada@example.org" in text
    rules = orgs.property_by_id(shop.pk).rules
    assert (rules.version, rules.default_method, rules.click_lookback.days) == (2, "linear", 7)
    assert "The promoted channel rules are being computed" in words(ada)
    build(shop)
    assert "being computed" not in words(ada)
    assert "Newsletters 0.5" in words(ada).replace("Email", "")
    answer = ada.post(f"{PAGE}promotions/1/undo/", follow=True).content.decode()
    assert "Promotion 2 brought back what held before promotion 1." in answer
    assert attribution.rule_values(shop.pk) == before
    assert ada.post(f"{PAGE}promotions/1/undo/").status_code == 404


def test_looking_writes_nothing(built: Company) -> None:
    before = attribution.rule_values(built.shop.pk)

    words(built.client_of(built.ada), f"?method=linear&{RULES}")

    assert attribution.rule_values(built.shop.pk) == before
    assert attribution.promotions(built.shop.pk) == []


def test_rules_changed_meanwhile_are_not_overwritten(built: Company) -> None:
    ada = built.client_of(built.ada)
    html = ada.get(f"{PAGE}?method=linear").content.decode()
    seen = re.search(r'name="seen" value="([^"]*)"', html)
    assert seen
    orgs.change_settings(property_id=built.shop.pk, made_by=None, default_method="first_touch")

    answer = ada.post(f"{PAGE}promote/?method=linear", {"seen": seen[1].replace("&quot;", '"')}, follow=True)

    assert "Somebody changed the rules meanwhile" in answer.content.decode()
    assert orgs.property_by_id(built.shop.pk).rules.default_method == "first_touch"


def test_spoiled_form_changes_nothing(built: Company) -> None:
    ada = built.client_of(built.ada)
    for seen in ("", "{", "[]", "null", '{"goal": 1}', '{"goal": {}, "method": [], "click_lookback": "x"}'):
        answer = ada.post(f"{PAGE}promote/?method=linear", {"seen": seen}, follow=True)

        assert "Somebody changed the rules meanwhile" in answer.content.decode()
        assert attribution.promotions(built.shop.pk) == []


def test_promotion_of_todays_rules_says_so(built: Company) -> None:
    assert "These are the rules already." in promote(built.client_of(built.ada), RULES.replace("Newsletters", "")
        .replace("newsletter", ""))  # fmt: skip


def test_member_without_the_role_looks_and_cannot_promote(built: Company) -> None:
    grace = built.client_of(built.grace)

    assert "Owners and admins can make these the rules." in words(grace, "?method=linear")
    assert grace.post(f"{PAGE}promote/?method=linear").status_code == 403
    assert grace.post(f"{PAGE}promotions/1/undo/").status_code == 403


def test_outsider_finds_nothing(built: Company) -> None:
    mallory = built.client_of(built.mallory)

    for address in ("", "moves.csv", "promote/", "promotions/1/undo/"):
        assert mallory.get(PAGE + address).status_code == 404
        assert mallory.post(PAGE + address).status_code == 404


def test_part_is_swapped_without_the_frame_around_it(ada: Client) -> None:
    html = ada.get(f"{PAGE}?method=linear", headers={"HX-Request": "true", "HX-Target": "report"}).content.decode()

    assert html.lstrip().startswith('<div id="report"')


def test_menu_leads_to_the_channel_rules(ada: Client) -> None:
    page = ada.get(PAGE).content.decode()

    assert re.search(rf'href="{PAGE}#rules"[^>]* data-key="h"', page)
    assert re.search(r'<details[^>]*>\s*<summary.*?<form[^>]* id="rules"', page, flags=re.DOTALL)
    assert len(re.findall(r'<a class="nav__item"[^>]*aria-current="page"', page)) == 1
