"""The pages of persons, of rules about ids and of visits: what they say, what they change, who may (R5, R6, R10)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

import attribution as engine
from apps.attribution import queries, services
from apps.attribution.models import IdentityVersion
from apps.compliance.models import AuditEntry
from apps.orgs import api as orgs
from apps.orgs.models import Membership, Role, User
from tests.attribution import worlds
from tests.attribution.worlds import Sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse", "valkey")]
HOME = "/o/engines/p/shop/"
API = "/api/v1/properties/{}/people/"


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.attribution.tasks.build_journeys.apply_async", lambda **_: None)


@pytest.fixture
def page(client: Client, ada: User, property_id: int) -> Client:
    """Ada's browser, in a shop where an ad and a mail led to a sale."""
    now = timezone.now()
    mail = {"channel": "Email", "source": "news", "medium": "email", "has_source": True}
    paid = {"channel": "Referral", "source": "pay.example", "medium": "referral", "has_source": True}
    facts = [
        ("mail", "page", 50, {"anonymous_id": "phone", **mail}),
        ("back", "page", 30, {"anonymous_id": "laptop", **paid}),
        ("login-1", "identify", 20, {"anonymous_id": "phone", "user_id": "<ann>"}),
        ("login-2", "identify", 10, {"anonymous_id": "laptop", "user_id": "<ann>"}),
        ("sale", "track", 5, {"user_id": "<ann>", "name": "Order Completed", "value": Decimal(10)}),
    ]
    events = [
        engine.Event(id=one, kind=kind, occurred_at=now - timedelta(hours=ago), received_at=now, **more)  # type: ignore[arg-type]
        for one, kind, ago, more in facts
    ]
    worlds.store(property_id, [Sent(event, {}) for event in events], now)
    services.create_goal(property_id=property_id, made_by=ada, name="Sale", event_name="Order Completed")
    services.build_journeys(property_id=property_id, clock=timezone.now)
    client.force_login(ada)
    return client


def test_person_shows_ids_log_and_conversions(page: Client) -> None:
    said = page.get(f"{HOME}people/", {"id": "phone"}).content.decode()

    for text in ("&lt;ann&gt;", "laptop", "login-1", "one event named both", "one person", "sale"):
        assert text in said
    assert "<ann>" not in said
    assert "Nobody has this id" in page.get(f"{HOME}people/", {"id": "stranger"}).content.decode()
    assert "Nobody has this id" in page.get(f"{HOME}people/", {"id": "phone\x00"}).content.decode()
    assert "This id is nobody’s" in page.get(f"{HOME}people/", {"id": "NULL"}).content.decode()


def test_split_is_shown_before_it_is_saved_and_can_be_undone(page: Client, property_id: int) -> None:
    """R10."""
    shown = page.get(f"{HOME}people/part/", {"id": "phone", "split": "a:laptop"})

    assert "Ids that change hands" in shown.content.decode()
    assert shown.context["preview"].changed == 1
    assert [(one.giver, one.taker) for one in shown.context["preview"].moves] == [("Referral", "Email")]
    assert not IdentityVersion.objects.exists()

    url = f"{HOME}people/part/?id=phone&split=a:laptop"
    stale = page.post(url, {"version": "7", "note": "x"}, follow=True).content.decode()
    assert "Somebody changed the rules meanwhile" in stale
    page.post(url, {"version": "0", "note": "two people"})
    row = IdentityVersion.objects.get()
    assert (row.version, row.act, row.pairs, row.note) == (1, "part", [["a:laptop", "u:<ann>"]], "two people")
    assert AuditEntry.objects.filter(subject="attribution_identityversion").exists()
    services.build_journeys(property_id=property_id, clock=timezone.now)
    said = page.get(f"{HOME}people/", {"id": "laptop"})
    assert [one.key for one in said.context["person"].ids] == ["a:laptop"]
    assert "kept apart" in said.content.decode()

    assert page.post(f"{HOME}people/rules/1/undo/").status_code == 302
    assert queries.identity_rules_of(property_id)[0] == engine.IdentityRules()
    assert page.post(f"{HOME}people/rules/1/undo/").status_code == 404


def test_all_joins_after_a_time_are_undone_together(page: Client) -> None:
    after = (timezone.now() - timedelta(hours=15)).strftime("%Y-%m-%dT%H:%M")

    assert page.get(f"{HOME}people/part/", {"id": "phone", "after": after}).context["pairs"] == (
        ("a:laptop", "u:<ann>"),
    )
    for bad in ("soon", "2026-13-45T00:00", ""):
        assert page.get(f"{HOME}people/part/", {"id": "phone", "after": bad}).status_code == 302


def test_rules_about_ids_are_previewed_saved_and_kept_when_wrong(page: Client, property_id: int) -> None:
    said = {"version": "0", "ignored_ids": "<ann>\n\n <ann> ", "most_users": "5", "note": ""}

    shown = page.post(f"{HOME}people/rules/", {**said, "preview": "1"})
    assert [(one.giver, one.taker) for one in shown.context["preview"].moves] == [("Referral", None)]
    wrong = page.post(f"{HOME}people/rules/", {**said, "most_users": "1"})
    assert wrong.status_code == 422
    assert "&lt;ann&gt;" in wrong.content.decode()
    page.post(f"{HOME}people/rules/", said)
    assert queries.identity_rules_of(property_id) == (engine.IdentityRules(frozenset({"<ann>"}), 5), 1)


def test_domains_are_kept_as_browsers_send_them_and_shown_as_people_read_them(page: Client, property_id: int) -> None:
    """R4: a referrer of a page in another script names its host as xn--…, and with its port it is the same host."""
    version = orgs.property_by_id(property_id).rules.version
    said = {"version": str(version), "visit_gap": "1800", "campaign_opens": "on", "click_ids": ""}
    domains = {
        "own_domains": "https://www.магазин.рф:8443/каталог\nshop.example:80",
        "referrer_exclusions": "Bücher.example.",
    }

    page.post(f"{HOME}visits/", {**said, **domains})

    rules = orgs.property_by_id(property_id).rules
    assert rules.own_domains == ("xn--80aairftm.xn--p1ai", "shop.example")
    assert rules.referrer_exclusions == ("xn--bcher-kva.example",)
    assert "магазин.рф\nshop.example</textarea>" in page.get(f"{HOME}visits/").content.decode()


def test_visits_and_sources_are_previewed_and_saved_as_a_version(page: Client, property_id: int) -> None:
    """R10."""
    version = orgs.property_by_id(property_id).rules.version
    said = {
        "version": str(version), "visit_gap": "3600", "own_domains": "https://www.Shop.example/x",
        "referrer_exclusions": "pay.example", "covers_past": "on", "click_ids": "netclid AdNet cpc",
    }  # fmt: skip

    shown = page.post(f"{HOME}visits/", {**said, "preview": "1"})
    assert [(one.before, one.touches) for one in shown.context["changed_sources"]] == [(("pay.example", "referral"), 1)]
    assert [(one.giver, one.taker) for one in shown.context["preview"].moves] == [("Referral", "Email")]
    assert "netclid AdNet cpc" in shown.content.decode()

    for name, value in (("referrer_exclusions", "no host"), ("click_ids", "one two"), ("click_ids", "utm_x a b")):
        wrong = page.post(f"{HOME}visits/", {**said, name: value})
        assert wrong.status_code == 422
        assert name in wrong.context["form"].errors
        assert value in wrong.content.decode()

    page.post(f"{HOME}visits/", said)
    rules = orgs.property_by_id(property_id).rules
    assert (rules.version, rules.campaign_opens, rules.visit_gap) == (version + 1, False, timedelta(hours=1))
    assert rules.past_exclusions == ("pay.example", "shop.example")
    assert rules.click_ids == (("netclid", "adnet", "cpc"),)
    assert "netclid" in page.get(f"{HOME}visits/").content.decode()
    services.build_journeys(property_id=property_id, clock=timezone.now)
    now = timezone.now()
    rows = queries.credit_by(
        property_id, goal_id=queries.goals(property_id)[0].id, period=(now - timedelta(days=3), now),
        method="last_non_direct", dimension="channel", limit=9,
    )  # fmt: skip
    assert [(one.key, one.conversions) for one in rows if one.conversions] == [("Email", 1.0)]


def test_who_may_only_look_cannot_change(client: Client, page: Client, property_id: int) -> None:
    """R5."""
    grace = User.objects.create_user("grace@example.com")
    organization = orgs.organization_by_slug("engines")
    Membership.objects.create(organization=organization, user=grace, role=Role.ANALYST)
    client.force_login(grace)

    assert client.get(f"{HOME}people/", {"id": "phone"}).status_code == 200
    assert "Split off" not in client.get(f"{HOME}people/", {"id": "phone"}).content.decode()
    for url in ("people/part/?id=phone&split=a:laptop", "people/rules/", "people/rules/1/undo/", "visits/"):
        assert client.post(f"{HOME}{url}", {"version": "0"}).status_code == 403
    assert not IdentityVersion.objects.exists()


def test_programs_read_try_keep_apart_and_undo(page: Client, property_id: int) -> None:
    people = API.format(property_id)
    pairs = [["u:<ann>", "a:laptop"]]
    person = page.get(people, {"id": "phone"}).json()
    assert [one["outcome"] for one in person["joins"]] == ["joined", "joined"]

    body = {"version": 0, "pairs": pairs, "is_trial": True}
    tried = page.post(f"{people}apart/", body, content_type="application/json").json()
    assert (tried["version"], tried["preview"]["changed"]) == (0, 1)
    made = page.post(f"{people}apart/", {**body, "is_trial": False}, content_type="application/json").json()
    again = page.post(f"{people}apart/", {**body, "is_trial": False}, content_type="application/json")
    wrong = page.post(f"{people}apart/", {**body, "pairs": [["a:1", "a:2"]]}, content_type="application/json")
    assert (made["version"], again.status_code, wrong.status_code) == (1, 409, 400)
    assert page.get(f"{people}rules/").json()["apart"] == [["a:laptop", "u:<ann>"]]
    assert page.post(f"{people}rules/1/undo/").json()["version"] == 2
    assert page.get(people, {"id": "stranger"}).status_code == 404


def test_channels_of_click_ids_and_of_what_moves_are_named_in_the_language_of_the_page(
    page: Client, property_id: int
) -> None:
    page.cookies["django_language"] = "ru"
    version = orgs.property_by_id(property_id).rules.version
    said = {"version": str(version), "visit_gap": "3600", "referrer_exclusions": "pay.example"}

    shown = page.post(f"{HOME}visits/", {**said, "covers_past": "on", "preview": "1"})

    body = shown.content.decode()
    assert '<th scope="row"><code>gclid</code></th><td>google</td><td>cpc</td><td>Платный поиск</td>' in body
    moves = {(one.giver, one.taker) for one in shown.context["preview"].moves}
    assert moves == {("Переходы с сайтов", "Почта")}
    assert all(english not in body for english in ("Paid Search", "Referral", "Affiliates"))
