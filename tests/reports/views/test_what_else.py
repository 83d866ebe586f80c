"""What else the page "What if" tries, and the page and the API of lookbacks (R5, R10)."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.attribution import services
from apps.attribution.models import Goal, GoalVersion, RulesVersion, TrainingRun, Trial
from apps.orgs import api as orgs
from apps.orgs.models import Membership, Role
from tests.factories.company import Company
from tests.reports.test_credit_api import days, get

PAGE = "/o/fernweh/p/shop/what-if/"
LOOKBACKS = "/o/fernweh/p/shop/lookbacks/"
ONCE = (
    "g-kind=track&g-event_name=Order+Completed&g-value_source=fixed&g-fixed_value=7&g-counting=once&g-milestone="
    "&g-decides=&g-path_0=event.device&g-operator_0=is_not_set&g-operand_0="
)


@pytest.fixture
def ada(world: Company) -> Client:
    """Ada's browser; she owns the organization."""
    return world.client_of(world.ada)


def words(client: Client, query: str = "", page: str = PAGE) -> str:
    answer = client.get(page + query)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL).split())


def test_parameters_are_tried_and_promoted_with_the_reason(world: Company, ada: Client) -> None:
    query = "?method=time_decay&p_half_life=2"
    text = words(ada, query)

    assert "Parameters of methods as by default Time decay: half_life 2" in text
    assert "Total 3 3 0 €160.00 €160.00" in text
    assert not RulesVersion.objects.exists()
    seen = re.search(r'name="seen" value="([^"]*)"', ada.get(PAGE + query).content.decode())
    assert seen is not None
    ada.post(f"{PAGE}promote/{query}", {"seen": seen[1].replace("&quot;", '"'), "note": "shorter"})
    row = RulesVersion.objects.get()
    assert (row.topic, row.value, row.note, row.made_by) == (
        "method_parameters", {"time_decay": {"half_life": 2.0}}, "shorter", world.ada,
    )  # fmt: skip
    assert 'value="2"' in ada.get(f"{PAGE}?method=time_decay").content.decode()


def test_what_cannot_be_tried_is_said_beside_the_field_and_kept(ada: Client) -> None:
    query = (
        "?method=position_based&p_first=-1&gap=0&lb_source=news&lb_campaign=&lb_ad_group=&lb_click=soon&lb_view="
        "&g-kind=track&g-event_name=&g-value_source=field&g-counting=every"
    )
    html = ada.get(PAGE + query).content.decode()

    for said in (
        "These weights cannot be used", "A visit gap is 1 to 1440 minutes.", "Line 1 of the lookbacks: hours are",
        "The definition of the goal is not complete.", "Say which event.", 'value="-1"', 'value="soon"', 'value="news"',
    ):  # fmt: skip
        assert said in html, said
    answer = ada.post(f"{PAGE}promote/{query}", {"seen": "{}"}, follow=True)
    assert "A visit gap is 1 to 1440 minutes." in answer.content.decode()
    assert not RulesVersion.objects.exists()


def test_lookbacks_of_an_ad_group_are_tried(ada: Client) -> None:
    text = words(ada, "?lb_source=newsletter&lb_campaign=&lb_ad_group=&lb_click=24&lb_view=")

    assert "Email Direct 1 €100.00 1 conversion" in text
    assert "Lookbacks of sources, campaigns and ad groups none newsletter: Clicks 1 d" in text


def test_another_definition_is_computed_before_it_is_shown(world: Company, ada: Client) -> None:
    """R10: a trial writes no version; its promotion writes one."""
    assert "This needs journeys built anew" in words(ada, f"?{ONCE}")
    assert not Trial.objects.exists()

    answer = ada.post(f"{PAGE}trial/?{ONCE}")

    assert answer.status_code == 302
    trial = Trial.objects.get()
    assert (trial.status, trial.asked_by) == ("queued", world.ada)
    assert "Waiting for a worker" in words(ada, f"?{ONCE}")
    services.run_trial(trial_id=trial.pk, clock=timezone.now)
    text = words(ada, f"?{ONCE}")
    assert "€160.00 €21.00 −€139.00" in text
    assert "has other conversions, so nothing moves" in text
    assert GoalVersion.objects.count() == 1
    seen = re.search(r'name="seen" value="([^"]*)"', ada.get(f"{PAGE}?{ONCE}").content.decode())
    assert seen is not None
    ada.post(f"{PAGE}promote/?{ONCE}", {"seen": seen[1].replace("&quot;", '"')})
    goal = Goal.objects.get()
    assert (goal.version, goal.counting, str(goal.fixed_value)) == (2, "once", "7.0000")


def test_a_waiting_trial_is_canceled_and_begun_again(ada: Client) -> None:
    ada.post(f"{PAGE}trial/?gap=5")
    trial = Trial.objects.get()

    ada.post(f"{PAGE}trial/{trial.pk}/cancel/?gap=5")

    assert "It was canceled." in words(ada, "?gap=5")
    ada.post(f"{PAGE}trial/?gap=5")
    trial.refresh_from_db()
    assert trial.status == "queued"
    with pytest.raises(services.TrialOver):
        services.cancel_trial(property_id=trial.property_id, trial_id=0, now=timezone.now())


def test_a_method_without_weights_asks_to_be_trained_or_tried(ada: Client) -> None:
    assert "has not been trained yet" in words(ada, "?method=markov")
    text = words(ada, "?method=markov&retrain=1&order=1&repeats=collapse")
    assert "This needs journeys built anew" in text


def test_viewer_looks_and_cannot_compute(world: Company) -> None:
    Membership.objects.filter(user=world.grace).update(role=Role.VIEWER)
    grace = world.client_of(world.grace)

    assert "Analysts, admins and owners can have it computed." in words(grace, "?gap=5")
    assert grace.post(f"{PAGE}trial/?gap=5").status_code == 403
    assert grace.post(LOOKBACKS, {"version": 0}).status_code == 403


def save(client: Client, **changes: Any) -> Any:
    row = {"lb_source": "news", "lb_campaign": "", "lb_ad_group": "boots", "lb_click": "48", "lb_view": ""}
    return client.post(LOOKBACKS, {"version": "0", "note": "agreed", **row, **changes})


def test_lookbacks_are_versions_and_conflicts_are_said(world: Company, ada: Client) -> None:
    assert save(ada).status_code == 302
    row = RulesVersion.objects.get()
    assert row.value == [{"source": "news", "ad_group": "boots", "click": 48}]
    assert (row.applies_from is None, row.note, row.made_by) == (False, "agreed", world.ada)
    assert "news / * / boots" in words(ada, page=LOOKBACKS)

    answer = save(ada, lb_click="24")

    assert answer.status_code == 422
    assert "Somebody changed the lookbacks meanwhile" in answer.content.decode()
    assert save(ada, version="1", lb_click="0").status_code == 422
    assert save(ada, version="1", covers_past="on").status_code == 302
    assert RulesVersion.objects.order_by("-version")[0].applies_from is None


def test_api_reads_and_changes_lookbacks(world: Company, ada: Client) -> None:
    address = f"/api/v1/properties/{world.shop.pk}/lookbacks/"
    body = {"version": 0, "overrides": [{"campaign": "brand", "click": 12}], "covers_past": True, "note": "n"}

    said = ada.put(address, body, content_type="application/json").json()

    assert said == {"version": 1, "applies_from": None, "overrides": [{"campaign": "brand", "click": 12}]}
    assert get(ada, address) == said
    assert ada.put(address, body, content_type="application/json").status_code == 409
    bad = {"version": 1, "overrides": [{"click": 12}]}
    assert ada.put(address, bad, content_type="application/json").status_code == 400


def test_api_tries_what_the_page_tries(world: Company, ada: Client) -> None:
    base = f"/api/v1/properties/{world.shop.pk}/what-if/"
    said = get(ada, f'{base}?{days()}&overrides=[{{"source":"newsletter","click":24}}]')
    assert [(one["giver"], one["taker"]) for one in said["moves"]] == [("Email", "Direct")]
    parts = [row["after"]["conversions"] for row in said["rows"]] + [said["unattributed"]["after"]["conversions"]]
    assert sum(parts) == said["total"]["after"]["conversions"] == 3
    query = f'{days()}&goal_definition={{"fixed_value":"7","counting":"once"}}'
    assert get(ada, f"{base}?{query}", 409)["code"] == "trial_needed"

    answer = ada.post(f"{base}trials/?{query}")

    assert answer.status_code == 202
    trial_id = answer.json()["id"]
    services.run_trial(trial_id=trial_id, clock=timezone.now)
    assert get(ada, f"{base}trials/{trial_id}/")["status"] == "succeeded"
    said = get(ada, f"{base}?{query}")
    assert (said["moves"], said["trial"]["id"], said["total"]["after"]["revenue"]) == (None, trial_id, "21.0000")
    assert ada.delete(f"{base}trials/{trial_id}/").status_code == 204


@pytest.mark.parametrize(
    "query",
    [
        "overrides={", 'overrides=[{"click":1}]', 'parameters={"half_life":1}', 'goal_definition={"name":"x"}',
        'goal_definition={"filters":3}', "visit_gap=0", 'method=markov&retrain={"order":9}', "method=markov",
        'method=time_decay&parameters={"half_life":1e400}', "retrain=[]",
    ],
)  # fmt: skip
def test_api_refuses_what_makes_no_sense(world: Company, ada: Client, query: str) -> None:
    """R11."""
    get(ada, f"/api/v1/properties/{world.shop.pk}/what-if/?{days()}&{query}", 400)


def test_promoted_retraining_is_trained_for_everybody(world: Company, ada: Client) -> None:
    query = "?method=shapley&retrain=1&repeats=collapse"
    ada.post(f"{PAGE}trial/{query}")
    Trial.objects.update(status="succeeded")
    seen = re.search(r'name="seen" value="([^"]*)"', ada.get(PAGE + query).content.decode())
    assert seen is not None

    ada.post(f"{PAGE}promote/{query}", {"seen": seen[1].replace("&quot;", '"')})

    run = TrainingRun.objects.get()
    assert (run.method, run.parameters, run.asked_by) == ("shapley", {"repeats": "collapse"}, world.ada)
    assert orgs.property_by_id(world.shop.pk).rules.default_method == "shapley"
