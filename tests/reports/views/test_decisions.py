"""The page of installs, its export and its API say who won, and the page of an opening says why (R6, R10)."""

from datetime import UTC, datetime, timedelta

from apps.attribution import api as attribution
from apps.attribution.models import RulesVersion
from tests.factories.company import Company
from tests.reports.conftest import build, event, store
from tests.reports.test_credit_api import days, get

PAGE = "/o/fernweh/p/shop/decisions/"


def test_installs_are_shown_with_who_won_and_why(world: Company) -> None:
    ada, shop = world.client_of(world.ada), world.shop.pk
    assert "No goal decides for one winner" in ada.get(PAGE).content.decode()
    attribution.create_goal(
        property_id=shop, made_by=world.ada, name="Install", event_name="Application Installed", decides="install"
    )
    at = datetime.now(UTC) - timedelta(days=1)
    facts = {"anonymous_id": "phone", "source": "adnet", "medium": "paid", "has_source": True, "name": ""}
    opened = event(shop, "opened", at, kind="track", name="Application Installed", anonymous_id="phone")
    store([event(shop, "ad", at - timedelta(hours=2), kind="click", **facts), opened])
    build(world.shop)
    goal_id = next(goal.id for goal in attribution.goals(shop) if goal.name == "Install")

    page = ada.get(PAGE).content.decode()
    why = ada.get(f"/o/fernweh/p/shop/conversions/opened/?goal={goal_id}").content.decode()
    windows = ("click_lookback", "view_lookback", "reattribution", "reengagement", "inactivity")
    answer = ada.post(f"{PAGE}windows/", dict.fromkeys(windows, "3") | {"probabilistic_lookback": "0.5"})

    assert "adnet" in page
    assert "It is the latest of the strongest evidence inside its window: click id." in why
    assert answer.status_code == 302
    assert RulesVersion.objects.get().value["reattribution"] == 3.0
    assert "adnet,1,0,0,0" in b"".join(ada.get("/o/fernweh/p/shop/tables/decisions.csv").streaming_content).decode()
    base = f"/api/v1/properties/{shop}/"
    assert get(ada, f"{base}decisions/?{days()}")[0]["installs"] == 1
    assert get(ada, f"{base}conversions/opened/decision/")[0]["winner_id"] == "ad"
