"""The goals page: what it says, who may change, what a preview counts, and that Mallory finds nothing."""

import pytest
from django.test import Client
from django.utils import timezone

import attribution as engine
from apps.attribution.models import Goal, GoalVersion
from apps.orgs import services as orgs
from apps.orgs.models import Membership, Property, Role, User
from tests.attribution import worlds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse", "valkey")]
LIST = "/o/engines/p/shop/goals/"
SALE = {
    "name": "Sale",
    "kind": "track",
    "event_name": "Order Completed",
    "value_source": "event",
    "counting": "every",
    "path_0": "plan",
    "operator_0": "equals",
    "operand_0": "pro",
}


@pytest.fixture
def page(client: Client, ada: User, property_id: int) -> Client:
    """Ada's browser."""
    client.force_login(ada)
    return client


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.attribution.tasks.build_journeys.apply_async", lambda **_: None)


def _sale(name: str, plan: str) -> worlds.Sent:
    now = timezone.now()
    event = engine.Event(
        id=name, kind="track", occurred_at=now, received_at=now, name="Order Completed", anonymous_id="dev"
    )
    return worlds.Sent(event, {"plan": plan})


def test_preview_counts_what_would_meet_the_goal(page: Client, property_id: int) -> None:
    worlds.store(property_id, [_sale("1", "pro"), _sale("2", "free"), _sale("3", "pro")], timezone.now())

    whole = page.post(f"{LIST}new/", {**SALE, "preview": "1"}).content.decode()
    part = page.post(f"{LIST}new/", {**SALE, "preview": "1"}, headers={"HX-Target": "goal-preview"}).content.decode()

    assert "2 events of the last 30 days meet this goal." in whole
    assert "2 events of the last 30 days meet this goal." in part
    assert "<html" in whole
    assert "<html" not in part
    assert not Goal.objects.exists()


def test_events_that_arrived_are_offered_as_goals(page: Client, property_id: int) -> None:
    worlds.store(property_id, [_sale("1", "pro"), _sale("2", "free")], timezone.now())

    offered = page.get(LIST).content.decode()
    form = page.get(f"{LIST}new/?event=Order+%3CCompleted%3E").content.decode()

    assert f"{LIST}new/?event=Order%20Completed" in offered
    assert 'name="event_name" value="Order &lt;Completed&gt;"' in form
    assert '<option value="Order Completed">' in form


def test_saved_goal_is_listed_and_each_change_kept(page: Client, ada: User) -> None:
    page.post(f"{LIST}new/", SALE)
    goal = Goal.objects.get()
    page.post(f"{LIST}{goal.pk}/", {**SALE, "counting": "once", "is_primary": "on"})
    page.post(f"{LIST}{goal.pk}/", {**SALE, "counting": "once", "is_primary": "on", "name": "Order"})

    goal.refresh_from_db()
    assert (goal.version, goal.is_primary, goal.filters) == (2, True, [["plan", "equals", "pro"]])
    assert list(GoalVersion.objects.order_by("pk").values_list("version", "name", "made_by")) == [
        (1, "Sale", ada.pk),
        (2, "Sale", ada.pk),
        (2, "Order", ada.pk),
    ]
    assert "Order</a>" in page.get(LIST).content.decode()
    assert "Version 2" in page.get(f"{LIST}{goal.pk}/").content.decode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"event_name": ""}, "Say which event."),
        ({"value_source": "fixed"}, "Say how much."),
        ({"value_source": "field"}, "Say which property."),
        ({"operator_0": "more_than", "operand_0": "many"}, "is not a number"),
        ({"path_0": "event.secret"}, "is not a field of events"),
    ],
)
def test_goal_that_cannot_be_understood_is_not_saved(page: Client, change: dict[str, str], message: str) -> None:
    answer = page.post(f"{LIST}new/", {**SALE, **change})

    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not Goal.objects.exists()


def test_grace_the_viewer_may_look_and_not_change(page: Client, property_id: int) -> None:
    page.post(f"{LIST}new/", SALE)
    goal = Goal.objects.get()
    grace = User.objects.create_user("grace@example.com", "correct horse battery")
    organization = Property.objects.get(pk=property_id).organization
    Membership.objects.create(organization=organization, user=grace, role=Role.VIEWER)
    page.force_login(grace)

    shown = page.get(f"{LIST}{goal.pk}/")

    assert "Analysts, admins and owners can change them." in shown.content.decode()
    assert page.post(f"{LIST}{goal.pk}/", {**SALE, "name": "Mine"}).status_code == 403
    assert page.post(f"{LIST}{goal.pk}/archive/").status_code == 403
    assert Goal.objects.get().name == "Sale"


def test_mallory_finds_no_page(page: Client) -> None:
    page.post(f"{LIST}new/", SALE)
    goal = Goal.objects.get()
    mallory = User.objects.create_user("mallory@example.com", "correct horse battery")
    orgs.create_organization(name="Elsewhere", slug="elsewhere", owner=mallory)
    page.force_login(mallory)

    addresses = [LIST, f"{LIST}new/", f"{LIST}{goal.pk}/", f"{LIST}{goal.pk}/archive/"]

    assert [page.get(address).status_code for address in addresses] == [404] * 4
    assert [page.post(address, SALE).status_code for address in addresses] == [404] * 4


def test_archived_goal_leaves_the_list_and_keeps_its_history(page: Client) -> None:
    page.post(f"{LIST}new/", SALE)
    goal = Goal.objects.get()

    page.post(f"{LIST}{goal.pk}/archive/")

    assert "Sale</a>" not in page.get(LIST).content.decode()
    assert page.get(f"{LIST}{goal.pk}/").status_code == 404
    assert goal.versions.count() == 2
