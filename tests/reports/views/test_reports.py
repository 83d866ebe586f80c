"""What the reports say of a world whose figures are known by hand."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from apps.orgs import services as orgs_services
from tests.factories.company import Company
from tests.reports.conftest import NASTY, QUOTED, build, event, sale, store

BASE = "/o/fernweh/p/shop/"


@pytest.fixture
def client(world: Company) -> Client:
    """Grace's browser."""
    return world.client_of(world.grace)


def page(client: Client, address: str = "", **headers: str) -> str:
    answer = client.get(BASE + address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def words(html: str) -> str:
    """Return what a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def table(client: Client, name: str, query: str = "") -> list[list[str]]:
    answer = client.get(f"{BASE}tables/{name}.csv{query}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.reader(io.StringIO(text, newline="")))


def test_overview_adds_up_to_all_conversions(client: Client) -> None:
    text = words(page(client))

    assert "€160.00" in text
    assert "66.7%" in text
    assert "Unattributed 1 €10.00" in text
    assert "All conversions 3 €160.00" in text


@pytest.mark.parametrize(
    ("method", "credit"),
    [
        ("last_non_direct", {"Email": 1.0, "Display": 1.0}),
        ("last_touch", {"Direct": 1.0, "Display": 1.0}),
        ("linear", {"Email": 0.5, "Direct": 0.5, "Display": 1.0}),
    ],
)
def test_method_moves_the_credit(client: Client, method: str, credit: dict[str, float]) -> None:
    rows = table(client, "breakdown", f"?method={method}")[1:]

    assert {row[0]: float(row[1]) for row in rows if float(row[1])} == credit


def test_short_lookback_takes_credit_away(client: Client) -> None:
    rows = table(client, "breakdown", "?click=24")[1:]

    assert {row[0] for row in rows if float(row[1])} == {"Direct", "Display"}


def test_reasons_and_attributed_add_up_to_the_total(client: Client) -> None:
    rows = table(client, "unattributed")[1:]
    text = words(page(client, "unattributed/"))

    parts = [row for row in rows if row[3] == "yes"]
    assert sum(int(row[1]) for row in parts) == 3
    assert sum(float(row[2]) for row in parts) == 160
    assert "All conversions 3 €160.00 100.0%" in text


def test_methods_page_shows_every_method_beside_the_others(client: Client) -> None:
    text = words(page(client, "methods/"))

    assert text.count("Choose") >= 8
    assert "Does not say that this source made them buy" in text
    by_method = {row[1] for row in table(client, "methods")[1:]}
    assert {"last_non_direct", "w_shaped", "time_decay"} <= by_method


def test_conversion_leads_to_its_journey_with_the_rule_that_decided(client: Client) -> None:
    assert f'href="{BASE}conversions/sale-1/?"' in page(client, "conversions/")

    text = words(page(client, "conversions/sale-1/"))

    assert "Email Visit" in text
    assert "Direct gets credit only where there is nothing else inside the window." in text
    assert "€100.00" in text
    assert "Settings version 1" in text
    assert f"{BASE}events/?message_id=visit-1" in page(client, "conversions/sale-1/")


def test_journey_under_another_method_shares_the_money(client: Client) -> None:
    text = words(page(client, "conversions/sale-1/?method=linear"))

    assert text.count("€50.00") >= 2
    assert "Each of the 2 touchpoints gets the same." in text


def test_unknown_conversion_is_not_found(client: Client) -> None:
    assert client.get(BASE + "conversions/nobody/").status_code == 404


def test_list_is_searched_and_filtered(client: Client) -> None:
    assert "sale-2" not in page(client, "conversions/?q=o1")
    assert "Nothing found" in page(client, "conversions/?q=nobody")
    assert words(page(client, "conversions/?reason=no_touchpoint")).count("€10.00") == 1


def test_list_goes_on_after_fifty_and_holds_each_once(world: Company, client: Client) -> None:
    noon = (datetime.now(UTC) - timedelta(days=2)).replace(hour=9, minute=0)
    store([sale(world.shop.pk, number, noon + timedelta(seconds=number // 3)) for number in range(100, 160)])
    build(world.shop)

    first = page(client, "conversions/")
    following = re.search(r'href="(\?cursor=[^"]+)" rel="next"', first)
    assert following is not None
    second = page(client, "conversions/" + following.group(1))

    listed = re.findall(r"conversions/(sale-\d+)/", first + second)
    assert len(listed) == len(set(listed)) == 63


def test_export_of_conversions_holds_all_rows_and_no_formula(client: Client) -> None:
    rows = table(client, "conversions")

    assert [row[1] for row in rows[1:]] == ["sale-3", "sale-2", "sale-1"]


def test_formula_in_a_campaign_is_harmless_in_the_file(world: Company, client: Client) -> None:
    noon = datetime.now(UTC) - timedelta(days=1)
    formula = {"channel": "Email", "source": "=1+1", "campaign": "=cmd|' /C calc'!A0", "has_source": True}
    store(
        [
            event(world.shop.pk, "v9", noon, anonymous_id="v9", **formula),
            sale(world.shop.pk, 9, noon + timedelta(minutes=1)),
        ]
    )
    build(world.shop)

    keys = {row[0] for row in table(client, "breakdown", "?by=campaign")}

    assert "'=cmd|' /C calc'!A0" in keys


@pytest.mark.parametrize(
    "address",
    [
        "",
        "?by=campaign",
        "?by=source",
        "methods/",
        "conversions/",
        "conversions/sale-2/",
        "unattributed/",
        "live/",
        "events/?message_id=visit-3",
    ],
)
def test_names_from_outside_are_text_on_every_page(client: Client, address: str) -> None:
    html = page(client, address)

    assert NASTY not in html
    if address in {"?by=campaign", "conversions/sale-2/", "live/", "events/?message_id=visit-3"}:
        assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;" in html


def test_quotes_in_a_campaign_survive_the_way_through_a_filter(client: Client) -> None:
    html = page(client, "?by=campaign")
    link = re.search(r'href="(\?[^"]*campaign=it[^"]*)"', html)
    assert link is not None

    filtered = page(client, link.group(1).replace("&amp;", "&"))

    assert QUOTED.replace("&", "&amp;").replace('"', "&quot;").replace("'", "&#x27;") in filtered
    assert "Remove filter Campaign" in filtered
    assert "€50.00" not in words(filtered)


@pytest.mark.parametrize(
    ("address", "part"),
    [
        ("", "report"),
        ("methods/", "report"),
        ("conversions/", "report"),
        ("unattributed/", "report"),
        ("live/", "live_counters"),
    ],
)
def test_htmx_gets_the_part_it_may_swap_and_no_other(client: Client, address: str, part: str) -> None:
    swapped = page(client, address, **{"HX-Request": "true", "HX-Target": part})
    whole = page(client, address, **{"HX-Request": "true", "HX-Target": "content"})

    assert "<html" not in swapped
    assert f'id="{part}"' in swapped
    assert "<html" in whole


def test_what_cannot_be_read_is_named_and_the_rest_is_shown(client: Client) -> None:
    text = words(page(client, "?method=magic&from=2026-99-01&goal=abc"))

    assert "The address could not be understood in part: the dates, the goal and the method" in text
    assert "€160.00" in text


@pytest.mark.parametrize(
    ("address", "says"),
    [("", "No goal yet"), ("conversions/", "No goal yet"), ("live/", "Events in the last minute")],
)
def test_property_without_goal_says_what_to_do(company: Company, clickhouse: None, address: str, says: str) -> None:
    store([event(company.shop.pk, "first", datetime.now(UTC), anonymous_id="v1")])

    assert says in words(page(company.client_of(company.ada), address))


def test_property_without_events_leads_to_the_snippet(company: Company, clickhouse: None) -> None:
    html = page(company.client_of(company.ada))

    assert "No event has arrived yet" in html
    assert f'href="{BASE}settings/#streams"' in html


def test_period_without_conversions_leads_to_a_longer_one(client: Client) -> None:
    html = page(client, "?from=2024-01-01&to=2024-01-31")

    assert "No conversion in this period" in html
    assert "?preset=this_year" in html


@pytest.mark.parametrize("sales", [1, 3])
def test_number_of_queries_is_the_same_for_one_row_and_three(
    world: Company, sales: int, django_assert_num_queries: object
) -> None:
    noon = datetime.now(UTC) - timedelta(days=1)
    store([sale(world.shop.pk, 500 + number, noon) for number in range(sales)])
    build(world.shop)
    client = world.client_of(world.grace)
    page(client, "conversions/")

    with django_assert_num_queries(16):  # type: ignore[operator]  # the last asks for breaches of quality
        page(client, "conversions/")


def test_settings_change_shows_in_figures_and_in_the_journey(world: Company, client: Client) -> None:
    orgs_services.change_settings(
        property_id=world.shop.pk, made_by=world.ada, click_lookback=timedelta(hours=1), default_method="linear"
    )

    text = words(page(client, "conversions/sale-1/"))

    assert "Settings version 2" in text
    assert "Unattributed: Outside the window" in text
    assert "clicks and visits count for 1 h." in text
