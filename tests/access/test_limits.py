"""An agency that is limited to one source sees what that source is credited with, in every figure, export and total."""

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from apps.attribution import api as attribution
from apps.orgs.models import Membership, Role
from apps.shared import behalf, clickhouse
from apps.shared.behalf import Behalf, Limits
from tests.factories.company import Company
from tests.reports.conftest import NASTY, QUOTED, build, event, sale, store, world  # noqa: F401  fixtures

ROOT = Path(__file__).parents[2]
METHODS = ("last_non_direct", "linear", "position_based", "time_decay", "first_touch", "linear_distinct")


@pytest.fixture
def guest(world: Company) -> Client:  # noqa: F811
    """Grace, from the agency that sends the newsletter."""
    Membership.objects.filter(user=world.grace).update(role=Role.GUEST, sources=["newsletter"])
    return world.client_of(world.grace)


@pytest.fixture
def shared_journey(guest: Client, world: Company) -> Company:  # noqa: F811
    """One more sale, of 90, that the newsletter and two others led to."""
    from datetime import UTC, datetime, timedelta

    shop, noon = world.shop.pk, (datetime.now(UTC) - timedelta(days=1)).replace(hour=15, minute=0, microsecond=0)
    for number, (channel, source) in enumerate(
        [("Display", NASTY), ("Email", "newsletter"), ("Paid Search", "google")]
    ):
        store(
            [
                event(
                    shop, f"step-{number}", noon - timedelta(hours=30 - number), anonymous_id="v9", channel=channel,
                    source=source, medium="m", campaign="c", has_source=True,
                )
            ]
        )  # fmt: skip
    store([sale(shop, 9, noon, value=90)])
    build(world.shop)
    return world


def as_guest(company: Company) -> Behalf:
    return behalf.of_organization(company.organization.pk, Limits(sources=("newsletter",)))


def question(company: Company) -> dict[str, object]:
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC)
    return {
        "goal_id": attribution.goals(company.shop.pk)[0].id,
        "period": (now - timedelta(days=7), now + timedelta(days=1)),
    }


@pytest.mark.parametrize("method", METHODS)
def test_credit_is_what_everybody_sees_of_that_source(shared_journey: Company, method: str) -> None:
    """R4: the guest's figure for the newsletter is the owner's, to the cent; and there is no other row."""
    shop, asked = shared_journey.shop.pk, question(shared_journey)
    whole = {row.key: row for row in attribution.credit_by(shop, method=method, dimension="source", **asked)}

    with behalf.acting(as_guest(shared_journey)):
        seen = attribution.credit_by(shop, method=method, dimension="source", **asked)
        totals = attribution.totals(shop, method=method, **asked)
        days = attribution.credit_by_day(shop, method=method, dimension="source", **asked)
        compared = attribution.compare_methods(shop, methods=(method,), dimension="source", **asked)

    rows = {row.key: row for row in seen}
    assert set(rows) <= {"newsletter"}
    credit = rows["newsletter"].conversions if rows else 0.0
    revenue = rows["newsletter"].revenue if rows else Decimal(0)
    expected = whole.get("newsletter")
    assert (credit, revenue) == (expected.conversions, expected.revenue) if expected else (0.0, Decimal(0))
    assert (totals.conversions, totals.revenue) == (pytest.approx(credit), revenue)
    assert (totals.attributed, totals.unattributed, totals.unattributed_revenue) == (totals.conversions, 0, 0)
    assert sum((day.revenue for day in days), Decimal(0)) == revenue
    assert [(row.key, row.revenue) for row in compared] == ([("newsletter", revenue)] if rows else [])


def test_no_filter_opens_what_is_beyond_the_limits(shared_journey: Company) -> None:
    with behalf.acting(as_guest(shared_journey)):
        rows = attribution.credit_by(
            shared_journey.shop.pk,
            method="linear",
            dimension="source",
            filters=(("source", "google"),),
            **question(shared_journey),
        )

    assert rows == []


def test_country_limit_leaves_other_countries_out(shared_journey: Company) -> None:
    store([sale(shared_journey.shop.pk, 20, question(shared_journey)["period"][1], country="DE")])  # type: ignore[index]
    limits = Limits(countries=("FR",))
    with behalf.acting(behalf.of_organization(shared_journey.organization.pk, limits)):
        assert attribution.totals(shared_journey.shop.pk, **question(shared_journey)).conversions == 0


def test_kept_answer_of_the_owner_is_not_given_to_the_guest(shared_journey: Company) -> None:
    shop, asked = shared_journey.shop.pk, question(shared_journey)
    everything = attribution.credit_by(shop, method="linear", dimension="channel", **asked)

    with behalf.acting(as_guest(shared_journey)):
        part = attribution.credit_by(shop, method="linear", dimension="channel", **asked)

    assert {row.key for row in part} == {"Email"}
    assert len(everything) > 1
    assert attribution.credit_by(shop, method="linear", dimension="channel", **asked) == everything


def test_guest_reads_pages_without_a_word_of_others(guest: Client, shared_journey: Company) -> None:
    for page in ("", "methods/"):
        for query in ("?method=linear&by=source", "?method=linear&by=campaign", "?source=google&by=source"):
            answer = guest.get(f"/o/fernweh/p/shop/{page}{query}")
            text = answer.content.decode()
            assert answer.status_code == 200
            assert "You see what is credited to newsletter" in text
            visible = re.sub(r"<[^>]*>", " ", text)  # what was typed stays in the address of links
            assert "Display" not in visible, (page, query)
            assert "Paid Search" not in visible, (page, query)
            assert "alert(" not in visible


@pytest.mark.parametrize("table", ["days", "breakdown", "methods"])
def test_guest_takes_along_their_part_alone(guest: Client, shared_journey: Company, table: str) -> None:
    answer = guest.get(f"/o/fernweh/p/shop/tables/{table}.csv?method=linear&by=source")
    text = b"".join(answer.streaming_content).decode()

    assert answer.status_code == 200
    assert NASTY not in text
    assert "google" not in text
    assert "Display" not in text
    assert "Paid Search" not in text
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(lines) > 1


@pytest.mark.parametrize(
    "page",
    ["unattributed/", "training/", "live/", "events/?message_id=sale-1", "settings/",
     "goals/", "links/", "tables/unattributed.csv"],
)  # fmt: skip
def test_guest_is_refused_what_cannot_be_divided(guest: Client, world: Company, page: str) -> None:  # noqa: F811
    assert guest.get(f"/o/fernweh/p/shop/{page}").status_code == 403


def test_greater_role_with_limits_is_refused_it_too(world: Company) -> None:  # noqa: F811
    Membership.objects.filter(user=world.grace).update(role=Role.ANALYST, sources=["newsletter"])
    client = world.client_of(world.grace)

    assert client.get("/o/fernweh/p/shop/unattributed/").status_code == 403
    assert client.get("/o/fernweh/p/shop/goals/").status_code == 200


@pytest.fixture
def limited(world: Company) -> Iterator[Company]:  # noqa: F811
    with behalf.acting(as_guest(world)):
        yield world


def test_runner_refuses_a_query_that_forgets_the_limits(limited: Company) -> None:
    sql = "SELECT count() FROM journeys WHERE property_id = {property_id:UInt64}"
    with pytest.raises(clickhouse.BeyondLimits):
        clickhouse.select(sql, int, property_id=limited.shop.pk)
    with pytest.raises(clickhouse.BeyondLimits):
        clickhouse.command(sql, property_id=limited.shop.pk)
    with pytest.raises(clickhouse.BeyondLimits):
        list(clickhouse.select_for_platform("SELECT 1", int))
    with pytest.raises(clickhouse.BeyondLimits):
        clickhouse.command_for_platform("OPTIMIZE TABLE journeys")
    with pytest.raises(clickhouse.BeyondLimits):
        attribution.conversions(limited.shop.pk, method="linear", **question(limited))
    with pytest.raises(clickhouse.BeyondLimits):
        attribution.journey(
            limited.shop.pk, conversion_id="sale-1", goal_id=attribution.goals(limited.shop.pk)[0].id, method="linear"
        )


def test_caller_cannot_choose_the_limits(limited: Company) -> None:
    sql = f"SELECT {clickhouse.SEEN_SOURCES} FROM journeys WHERE property_id = {{property_id:UInt64}} LIMIT 1"

    rows = clickhouse.select(sql, list, property_id=limited.shop.pk, seen_sources=["google"])

    assert rows == [["newsletter"]]


def test_only_the_runner_knows_the_driver() -> None:
    """R5: nothing goes around the one way to ClickHouse."""
    allowed = {
        "apps/shared/clickhouse.py",  # the runner
        "apps/shared/native_columns.py",  # how the runner's client writes columns
        "apps/shared/local",  # the server of one machine, and whether it answers
        "apps/shared/health/stores.py",  # SELECT 1
        "apps/shared/management/commands/clickhouse_shell.py",  # an operator's shell
        "apps/shared/logs.py",  # names the driver's logger
    }
    ways = re.compile(
        r"clickhouse_driver|clickhouse_connect|import chdb"
        r"|connections\[.clickhouse|using\(.clickhouse|using=.clickhouse"
        r"|\b(?:Event|Outcome|Journey|Person|IdentityLink|Refund)\.objects\b"
    )
    found = {
        str(path.relative_to(ROOT))
        for path in [*ROOT.glob("apps/**/*.py"), *ROOT.glob("config/**/*.py")]
        if "/migrations/" not in str(path) and ways.search(path.read_text(encoding="utf-8"))
    }

    assert {name for name in found if not any(name.startswith(place) for place in allowed)} == set()


def test_reasons_to_answer_despite_limits_are_few() -> None:
    uses = {
        str(path.relative_to(ROOT))
        for path in ROOT.glob("apps/**/*.py")
        if "despite_limits=" in path.read_text(encoding="utf-8")
    }

    assert uses == {"apps/attribution/queries/goals.py"}


def test_guest_sees_what_their_source_cost_and_no_more(guest: Client, world: Company) -> None:  # noqa: F811
    from datetime import UTC, datetime, timedelta

    day = datetime.now(UTC) - timedelta(days=1)
    said = {"kind": "spend", "name": "", "currency": "EUR", "properties": f'{{"date": "{day.date()}"}}'}
    for source, cost in (("newsletter", 7), ("google", 4321)):
        store([event(world.shop.pk, f"spend-{source}", day, source=source, channel="Email", value=cost, **said)])

    owner = world.client_of(world.ada).get("/o/fernweh/p/shop/?by=source&method=linear").content.decode()
    theirs = guest.get("/o/fernweh/p/shop/?by=source&method=linear").content.decode()

    assert "4,328" in owner
    assert "€7" in theirs
    assert "4,3" not in re.sub(r"<[^>]*>", " ", theirs)
