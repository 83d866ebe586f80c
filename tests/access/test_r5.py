"""R5, generated: every address, operation and export, asked as owner, member, limited guest, outsider, stranger and
with a revoked key. A new one without a door or an entry in `routes.py` fails here.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Domain
from apps.accounts.services.tokens import make_token
from apps.attribution import api as attribution
from apps.compliance import services as compliance
from apps.ingestion import api as ingestion
from apps.ingestion.models import FileImport, ImportWork
from apps.ingestion.rest.urls import CALLS
from apps.orgs import services
from apps.orgs.domain.permissions import ROLES, WHOLE_ONLY
from apps.orgs.models import (
    CustomRole,
    Invitation,
    Membership,
    PublicKey,
    RetiredKey,
    Role,
    ServiceAccount,
    User,
)
from apps.orgs.rest.access import ApiView
from apps.quality import api as quality
from apps.quality.models import Breach, EventSchema, FixRule, Release
from apps.reports.views.exports import NEEDS, TABLES
from tests.access import routes
from tests.factories.company import Company
from tests.reports.conftest import world  # noqa: F401  a fixture

Ask = Callable[..., Any]
SCOPES = ("reports.read", "journeys.read", "events.read", "settings.read")


class Everything:
    """Ada's company with one of everything, and a client for each who asks."""

    def __init__(self, company: Company) -> None:
        self.company = company
        guest = User.objects.create_user("agency@example.org")
        Membership.objects.create(
            organization=company.organization, user=guest, role=Role.GUEST, sources=["newsletter"]
        )
        self.account = ServiceAccount.objects.create(organization=company.organization, name="W", role=Role.VIEWER)
        part = ServiceAccount.objects.create(
            organization=company.organization, name="A", role=Role.GUEST, sources=["newsletter"]
        )
        foreign = ServiceAccount.objects.create(organization=company.theirs.organization, name="T", role=Role.ADMIN)
        self.keys = {
            "key": self._key(self.account), "limited key": self._key(part), "outsider's key": self._key(foreign),
            "revoked key": self._key(self.account), "weak key": self._key(self.account, "events.read"),
        }  # fmt: skip
        services.revoke_api_key(self.keys["revoked key"].row, now=timezone.now())
        stream = company.shop.streams.get()
        services.rotate_key(property_id=company.shop.pk, stream_id=stream.pk, now=timezone.now())
        self.values = {
            "organization": "fernweh",
            "property": "shop",
            "property_id": company.shop.pk,
            "member_id": Membership.objects.get(user=company.grace).pk,
            "invitation_id": self._invitation(company),
            "role_id": CustomRole.objects.create(
                organization=company.organization, name="R", permissions=["reports.read"]
            ).pk,
            "account_id": self.account.pk,
            "key_id": self.keys["key"].row.pk,
            "stream_id": stream.pk,
            "public_key_id": PublicKey.objects.create(stream=stream, name="K", pem="x", algorithm="RS256").pk,
            "goal_id": attribution.goals(company.shop.pk)[0].id,
            "conversion_id": "sale-1",
            "message_id": "sale-1",
            "training_id": attribution.ask_training(
                property_id=company.shop.pk,
                goal_id=attribution.goals(company.shop.pk)[0].id,
                method="markov",
                window=(timezone.now() - timedelta(days=9), timezone.now()),
                asked_by=None,
                now=timezone.now(),
            ).pk,
            "trial_id": attribution.ask_trial(
                property_id=company.shop.pk,
                rules=attribution.TrialRules(attribution.goals(company.shop.pk)[0].id, visit_gap=timedelta(minutes=5)),
                window=(timezone.now() - timedelta(days=9), timezone.now()),
                asked_by=None,
                now=timezone.now(),
            ).pk,
            "table": "breakdown",
            "number": 1,
            "secret": "nothing",
            "endpoint_id": compliance.add_endpoint(
                organization_id=company.organization.pk, url="https://logs.fernweh.example/hook"
            ).pk,
            "domain_id": Domain.objects.create(organization=company.organization, name="fernweh.example").pk,
            "token_id": make_token(organization=company.organization, made_by=company.ada)[0].pk,
        }
        self.retired = RetiredKey.objects.get().pk
        link = {"name": "l", "destination": "https://example.org/", "source": "s"}
        made = ingestion.create_link(property_id=company.shop.pk, made_by=company.ada, **link)
        self.values |= {"link_id": made.pk, "form": "svg", "run_id": _import_of(company)}
        expectation = quality.create_expectation(
            property_id=company.shop.pk, made_by=company.ada, name="e", kind="not_null", field="userId"
        )
        self.values |= {"expectation_id": expectation.pk, **_of_quality(company)}
        people = {"owner": company.ada, "member": company.grace, "guest": guest, "outsider": company.mallory}
        self.clients = {name: company.client_of(user) for name, user in people.items()}
        self.clients["stranger"] = Client()
        revoked = self.keys["revoked key"].text
        self.clients["revoked key"] = Client(headers={"Authorization": f"Bearer {revoked}"})
        self.people = people

    def _key(self, account: ServiceAccount, *scopes: str) -> services.NewKey:
        return services.create_key(account=account, name="k", scopes=scopes or SCOPES, made_by=None)

    def _invitation(self, company: Company) -> int:
        now = timezone.now()
        return Invitation.objects.create(
            organization=company.organization, email="i@example.org", secret_hash="x" * 64, made_at=now, expires_at=now
        ).pk

    def address(self, route: str, **values: Any) -> str:
        """Return the address of one of Ada's things."""
        chosen = {**self.values, **({"key_id": self.retired} if "streams/keys" in route else {}), **values}
        return routes.filled(route, chosen)


def _import_of(company: Company) -> int:
    """Make an import that has a report, and a file that may be looked at."""
    stream, now = company.shop.streams.get(), timezone.now()
    run = FileImport.objects.create(
        property=company.shop,
        stream=stream,
        name="a.csv",
        size=1,
        status="failed",
        said={"own_mapping": "userId=a"},
        made_at=now,
    )
    content = b"a,b\n1,2\n"
    ImportWork.objects.create(
        run=run, property=company.shop, content=content, report="row,reason,field,detail,line\n1,bad_time,,,2\n"
    )
    return run.pk


def _of_quality(company: Company) -> dict[str, int]:
    """Make one of everything that quality keeps."""
    now, own = timezone.now(), {"property": company.shop}
    schema = EventSchema.objects.create(
        **own, kind="track", name="Order", version=1, fields={}, events=20, learned_from=now, learned_to=now
    )
    fix = FixRule.objects.create(**own, name="f", field="properties.a", action="cast", parameters={"to": "number"})
    release = Release.objects.create(**own, kind="replay", selection={}, asked_at=now)
    expectation = quality.create_expectation(
        property_id=company.shop.pk, made_by=company.ada, name="b", kind="freshness", parameters={"within": "1h"}
    )
    breach = Breach.objects.create(**own, expectation=expectation, begun_at=now)
    return {"breach_id": breach.pk, "schema_id": schema.pk, "fix_id": fix.pk, "release_id": release.pk}


@pytest.fixture
def everything(world: Company) -> Everything:  # noqa: F811
    return Everything(world)


def pages() -> list[tuple[str, str, Any]]:
    """Return the route, the door and the need of every page of an organization."""
    found = []
    for route, pattern in routes.walk():
        if route.startswith(routes.TENANT):
            door = getattr(pattern.callback, "door", None)
            assert door is not None, f"{route} carries neither property_page nor organization_page"
            found.append((route, *door))
    return sorted(found, key=lambda one: one[0])


def allowed(who: str, route: str, needs: Any) -> bool:
    granted = {"owner": ROLES["owner"], "member": ROLES["analyst"], "guest": ROLES["guest"] - WHOLE_ONLY}[who]
    return needs is None or needs in granted


def test_every_address_is_somebodys() -> None:
    known = {**routes.OPEN, **routes.SIGNED_IN}
    families = (routes.ACCOUNTS, routes.ADMIN, routes.API, routes.TENANT)

    unknown = [route for route, _ in routes.walk() if route not in known and not route.startswith(families)]
    assert unknown == [], "say in tests/access/routes.py who may come here, or put a door before it"
    assert len(pages()) > 30


def test_every_page_is_open_to_whom_the_table_says(everything: Everything) -> None:
    wrong = []
    for route, _scope, needs in pages():
        tables = ("moves",) if "what-if" in route else TABLES if "<slug:table>" in route else [""]
        for table in tables:
            url = everything.address(route, table=table or "breakdown")
            also = NEEDS.get(table)
            for who in ("owner", "member", "guest"):
                may = allowed(who, route, needs) and allowed(who, route, also)
                status = everything.clients[who].get(url).status_code
                if status not in ({200, 302, 405} if may else {403}):
                    wrong.append((who, "get", url, status))
                if not may and (status := everything.clients[who].post(url).status_code) != 403:
                    wrong.append((who, "post", url, status))
            for method in ("get", "post", "head", "put", "delete"):
                status = getattr(everything.clients["outsider"], method)(url).status_code
                if status != 404:
                    wrong.append(("outsider", method, url, status))
                for who in ("stranger", "revoked key"):
                    answer = getattr(everything.clients[who], method)(url)
                    if answer.status_code != 302 or not answer["Location"].startswith("/accounts/login/"):
                        wrong.append((who, method, url, answer.status_code))
    assert wrong == []


def test_foreign_ids_open_nothing_at_ones_own_address(everything: Everything) -> None:
    """IDOR: Mallory owns her organization, and asks there for what is Ada's."""
    wrong, mallory = [], everything.clients["outsider"]
    before = everything.company.shop.streams.get().write_key, Membership.objects.count(), CustomRole.objects.count()
    for route, _scope, _needs in pages():
        if not re.search(r"<(int|path|str):", route):
            continue
        url = everything.address(route, organization="cinder", conversion_id="sale-1")
        for method in ("get", "post"):
            answer = getattr(mallory, method)(url, {"role": "owner", "active": "0"} if method == "post" else {})
            if answer.status_code not in {404, 405}:
                wrong.append((method, url, answer.status_code))

    assert wrong == []
    after = everything.company.shop.streams.get().write_key, Membership.objects.count(), CustomRole.objects.count()
    assert after == before
    everything.keys["key"].row.refresh_from_db()
    assert everything.keys["key"].row.revoked_at is None


def without_what_differs(page: str) -> str:
    page = re.sub(r"<code>[0-9a-f-]+</code>", "", page)
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|X-CSRFToken": "\w+"', "", page)
    return page.replace("nothing", "fernweh")


def test_outsider_cannot_tell_foreign_from_missing(everything: Everything) -> None:
    mallory = everything.clients["outsider"]
    for route, scope, _needs in pages():
        if scope == "property" and "record" not in route:
            foreign = mallory.get(everything.address(route)).content.decode()
            missing = mallory.get(everything.address(route, organization="nothing")).content.decode()
            assert without_what_differs(foreign) == without_what_differs(missing), route


def operations() -> list[tuple[str, Any]]:
    found = []
    for route, pattern in routes.walk():
        if route.startswith(routes.API):
            view = getattr(pattern.callback, "cls", None) or getattr(pattern.callback, "view_class", None)
            assert issubclass(view or object, ApiView), f"{route} is no ApiView: it asks no permission"
            assert "needs" in vars(view), f"{route} does not say what it needs"
            found.append((route, view))
    return found


def test_every_operation_is_open_to_whom_the_table_says(everything: Everything, valkey: None) -> None:
    wrong = []
    query = {"from": "2026-01-01", "to": "2026-01-02", "id": "v1", "message_id": "sale-1"}
    may = {"key": set(SCOPES), "limited key": ROLES["guest"] - WHOLE_ONLY, "weak key": {"events.read"}}
    for route, view in operations():
        url = everything.address(route)
        is_about_property = "property_id" in route
        for who, made in everything.keys.items():
            status = Client().get(url, query, headers={"Authorization": f"Bearer {made.text}"}).status_code
            due = {"revoked key": 401, "outsider's key": 404 if is_about_property else 200}.get(who, 200)
            if is_about_property and who in may:
                due = _due(view) if view.needs in may[who] else 403
            elif not is_about_property and who != "revoked key" and view.needs is not None:
                due = 403  # none of these keys may read the record
            if status != due:
                wrong.append((who, url, status))
        for who, client in everything.clients.items():
            status = client.get(url, query).status_code
            due = {"stranger": 401, "revoked key": 401, "outsider": 404 if is_about_property else 200}.get(
                who, _due(view)
            )
            if who in {"owner", "member", "guest"} and not allowed(who, route, view.needs):
                due = 403
            if not is_about_property and view.needs is not None and due in {200, 405}:
                due = 403  # a session names no organization
            if status != due:
                wrong.append((who, url, status))
    assert wrong == []


def _due(view: Any) -> int:
    """Return what whoever may is answered when they only ask: an operation that changes things has no GET."""
    return 200 if hasattr(view, "get") else 405


def test_session_changes_nothing_through_the_api_without_its_token(everything: Everything) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(everything.company.ada)

    for route, _view in operations():
        assert client.post(everything.address(route), {}).status_code in {403, 405}


def test_admin_is_for_operators(everything: Everything) -> None:
    wrong = []
    for route, pattern in routes.walk():
        if not route.startswith(routes.ADMIN) or "login" in route or str(pattern.pattern).endswith("$"):
            continue
        url = "/" + re.sub(r"<[^>]+>", "1", route)
        for who in ("owner", "guest", "outsider", "stranger", "revoked key"):
            answer = everything.clients[who].get(url)
            if answer.status_code not in {302, 404} or "fernweh" in answer.content.decode().lower():
                wrong.append((who, url, answer.status_code))
    assert wrong == []


def test_every_address_of_collect_is_somebodys_and_a_revoked_key_opens_none(
    everything: Everything, settings: Any
) -> None:
    found = [route for route, _ in routes.walk("config.urls_collect")]
    assert [route for route in found if not route.startswith(tuple(routes.COLLECT))] == []

    revoked = RetiredKey.objects.get().write_key
    RetiredKey.objects.all().delete()
    settings.ROOT_URLCONF = "config.urls_collect"
    settings.MIDDLEWARE = ["apps.shared.middleware.RequestContextMiddleware"]
    from apps.ingestion import wiring

    wiring.stream_of().forget()
    calls = [f"v1/{name}" for name in [*CALLS, "events"]]
    body = {"writeKey": revoked, "event": "x", "anonymousId": "a", "type": "track", "batch": []}
    statuses = {Client().post(f"/{route}", body, content_type="application/json").status_code for route in calls}
    assert len(calls) > 10
    assert statuses == {401}


def test_own_pages_show_nothing_of_another_organization(everything: Everything) -> None:
    mallory = everything.clients["outsider"]
    for route, _scope, _needs in pages():
        if re.search(r"<(int|path|str):", route):
            continue
        answer = mallory.get(routes.filled(route, everything.values | {"organization": "cinder"}))
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = body.decode().lower()
        for word in ("fernweh", "ada@example.org", "grace@example.org", "sale-1"):
            assert word not in text, (route, word)
