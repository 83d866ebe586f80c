"""Provisioning over SCIM 2.0, asked by the conformance checker and the client of others, and by hand."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import Status, check_server

from apps.accounts.models import Domain, IdentityProvider, ProvisionedPerson
from apps.accounts.services import tokens
from apps.orgs.models import Membership, User
from config.wsgi import application
from tests.factories.company import Company

SCIM = "application/scim+json"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Directory:
    """A company's directory: asks with its token."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.client = Client(headers={"authorization": f"Bearer {token}"})

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request and return the answer."""
        data = "" if body is None else json.dumps(body)
        return self.client.generic(method, f"/scim/v2/{path}", data, content_type=SCIM, headers=headers)

    def add(self, email: str, **more: Any) -> Any:
        """Add a person and return the resource."""
        answer = self.ask("POST", "Users", {"schemas": [USER], "userName": email, **more})
        assert answer.status_code == 201, answer.content
        return answer.json()

    def change(self, path: str, *operations: dict[str, Any]) -> Any:
        """Send a PATCH."""
        return self.ask("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})


@pytest.fixture
def directory(company: Company) -> Directory:
    """The directory of Ada's organization, which owns fernweh.example."""
    Domain.objects.create(
        organization=company.organization, name="fernweh.example", verified_at=timezone.now(), verified_by="dns"
    )
    return Directory(tokens.make_token(organization=company.organization, made_by=company.ada)[1])


def role_of(company: Company, email: str) -> str | None:
    """Return the role of a person in Ada's organization."""
    rows = Membership.objects.filter(organization=company.organization, user__email=email)
    return rows.values_list("role", flat=True).first()


@pytest.fixture
def in_process() -> Iterator[None]:
    """Keep the connection of the test when a request through WSGI ends, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_conformance_checker_finds_nothing(directory: Directory, company: Company, in_process: None) -> None:
    """scim2-tester makes up addresses, so for it every domain is the organization's."""
    from unittest import mock

    headers = {"Authorization": f"Bearer {directory.token}"}
    client = WSGISCIMClient(application, "http://testserver/scim/v2", headers=headers)
    with mock.patch("apps.accounts.queries.owns_address", return_value=True):
        client.discover()
        results = check_server(client)

    failed = [f"{one.title}: {one.reason}" for one in results if one.status in (Status.ERROR, Status.CRITICAL)]
    assert failed == [], "\n".join(failed)
    assert sum(one.status == Status.SUCCESS for one in results) > 20


def test_person_of_the_directory_becomes_a_member_without_a_password(directory: Directory, company: Company) -> None:
    made = directory.add("lin@fernweh.example", name={"givenName": "Lin", "familyName": "Xu"}, externalId="42")

    user = User.objects.get(email="lin@fernweh.example")
    assert role_of(company, "lin@fernweh.example") == "viewer"
    assert (user.first_name, user.last_name, user.has_usable_password()) == ("Lin", "Xu", False)
    assert made["meta"]["location"] == f"http://testserver/scim/v2/Users/{made['id']}"


def test_what_we_have_no_use_for_is_not_kept(directory: Directory) -> None:
    more = {"password": "hunter2 hunter2", "phoneNumbers": [{"value": "+49 30 1"}], "title": "CEO", "nonsense": 1}

    made = directory.add("lin@fernweh.example", **more)

    kept = json.dumps([made, ProvisionedPerson.objects.get().document])
    assert not any(word in kept for word in ("hunter2", "+49", "CEO", "nonsense"))


@pytest.mark.parametrize("email", ["mallory@example.org", "ada@example.org", "nobody@gmail.com", "lin"])
def test_directory_speaks_for_its_own_domains_only(directory: Directory, company: Company, email: str) -> None:
    answer = directory.ask("POST", "Users", {"schemas": [USER], "userName": email})

    assert answer.status_code == 400
    assert answer.json()["scimType"] == "invalidValue"
    assert not ProvisionedPerson.objects.exists()


def test_inactive_person_is_out_at_once_and_back_when_active_again(directory: Directory, company: Company) -> None:
    made = directory.add("lin@fernweh.example")
    lin = User.objects.get(email="lin@fernweh.example")
    browser = company.client_of(lin)
    seen = []

    for active in (False, True):
        directory.change(f"Users/{made['id']}", {"op": "replace", "path": "active", "value": active})
        seen.append(browser.get("/o/fernweh/p/shop/settings/").status_code)

    assert seen == [404, 200]


def test_active_as_a_text_is_understood_as_entra_sends_it(directory: Directory, company: Company) -> None:
    made = directory.add("lin@fernweh.example")

    directory.change(f"Users/{made['id']}", {"op": "Replace", "path": "active", "value": "False"})

    assert role_of(company, "lin@fernweh.example") is None


def test_groups_give_roles_by_the_rules_of_the_organization(directory: Directory, company: Company) -> None:
    IdentityProvider.objects.create(organization=company.organization, name="X", role_rules={"Growth": "analyst"})
    made = directory.add("lin@fernweh.example")
    members = [{"value": made["id"]}]
    group = directory.ask("POST", "Groups", {"schemas": [GROUP], "displayName": "Growth", "members": members}).json()
    roles = [role_of(company, "lin@fernweh.example")]

    one = f'members[value eq "{made["id"]}"]'
    directory.change(f"Groups/{group['id']}", {"op": "remove", "path": one})
    roles.append(role_of(company, "lin@fernweh.example"))
    directory.change(f"Groups/{group['id']}", {"op": "add", "path": "members", "value": members})
    roles.append(role_of(company, "lin@fernweh.example"))
    directory.ask("DELETE", f"Groups/{group['id']}")
    roles.append(role_of(company, "lin@fernweh.example"))

    assert roles == ["analyst", "viewer", "analyst", "viewer"]


def test_last_owner_stays_whatever_the_directory_says(directory: Directory, company: Company) -> None:
    Domain.objects.create(
        organization=company.organization, name="example.org", verified_at=timezone.now(), verified_by="dns"
    )
    made = directory.add("ada@example.org")

    answers = [
        directory.change(f"Users/{made['id']}", {"op": "replace", "path": "active", "value": False}),
        directory.ask("DELETE", f"Users/{made['id']}"),
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert "last owner" in answers[0].json()["detail"]
    assert role_of(company, "ada@example.org") == "owner"
    assert ProvisionedPerson.objects.get().is_active


def test_address_changes_with_the_account_and_never_onto_another(directory: Directory, company: Company) -> None:
    made, other = directory.add("lin@fernweh.example"), directory.add("noor@fernweh.example")
    lin = User.objects.get(email="lin@fernweh.example")
    path = f"Users/{made['id']}"

    renamed = directory.change(path, {"op": "replace", "path": "userName", "value": "lin.xu@fernweh.example"})
    taken = directory.change(path, {"op": "replace", "path": "userName", "value": other["userName"]})
    foreign = directory.change(path, {"op": "replace", "path": "userName", "value": "mallory@example.org"})

    lin.refresh_from_db()
    assert [answer.status_code for answer in (renamed, taken, foreign)] == [204, 409, 400]
    assert lin.email == "lin.xu@fernweh.example"


def test_directory_sees_and_touches_nobody_of_another_organization(directory: Directory, company: Company) -> None:
    made = directory.add("lin@fernweh.example")
    theirs = Directory(tokens.make_token(organization=company.theirs.organization, made_by=company.mallory)[1])

    answers = [
        theirs.ask("GET", f"Users/{made['id']}"),
        theirs.ask("DELETE", f"Users/{made['id']}"),
        theirs.change(f"Users/{made['id']}", {"op": "replace", "path": "active", "value": False}),
    ]
    group = theirs.ask("POST", "Groups", {"schemas": [GROUP], "displayName": "X", "members": [{"value": made["id"]}]})

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert group.status_code == 400
    assert theirs.ask("GET", "Users").json()["totalResults"] == 0
    assert role_of(company, "lin@fernweh.example") == "viewer"


@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer scim_wrong", "Basic c2NpbTp4", "Bearer \x00"])
def test_door_is_shut_without_a_token(directory: Directory, token: str) -> None:
    answer = Client(headers={"authorization": token}).get("/scim/v2/Users")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == SCIM


def test_revoked_token_opens_nothing_and_a_session_never_does(directory: Directory, company: Company) -> None:
    ada = company.client_of(company.ada)
    page = ada.post("/o/fernweh/sign-in/tokens/").context["new_token"]
    row = company.organization.provisioning_tokens.get(prefix=page[:10])  # type: ignore[attr-defined]
    before = Directory(page).ask("GET", "Users").status_code

    ada.post(f"/o/fernweh/sign-in/tokens/{row.pk}/remove/")

    assert before == 200
    assert Directory(page).ask("GET", "Users").status_code == 401
    assert ada.get("/scim/v2/Users").status_code == 401
    assert page not in ada.get("/o/fernweh/sign-in/").content.decode()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "Users", "no json"), ("POST", "Users", []), ("POST", "Users", {}), ("PATCH", "Users/1", {}),
        ("GET", "Users?filter=((", None), ("GET", "Users?filter=userName%20eq", None), ("GET", "Users/%00", None),
        ("GET", "Users?startIndex=x", None), ("GET", "Nothing", None), ("TRACE", "Users", None),
        ("GET", "Users?filter=" + "(" * 3000, None), ("POST", "Users", {"schemas": [USER], "userName": "x" * 9000}),
        ("POST", "Users", {"schemas": [USER], "userName": {"a": 1}}), ("GET", "Users?count=-5", None),
    ],
)  # fmt: skip
def test_bad_request_gets_a_scim_error(directory: Directory, method: str, path: str, body: Any) -> None:
    answer = directory.ask(method, path, body)

    assert 400 <= answer.status_code < 500 or (path.endswith("-5") and answer.status_code == 200), answer.content
    assert answer.headers["Content-Type"] == SCIM


def test_usual_look_up_asks_the_index_however_many_people_there_are(
    directory: Directory, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        directory.add(f"p{number}@fernweh.example")
    directory.ask("GET", "Users")

    with django_assert_max_num_queries(5):
        found = directory.ask("GET", 'Users?filter=userName%20eq%20"P3@fernweh.example"').json()
    with django_assert_max_num_queries(6):
        page = directory.ask("GET", "Users?startIndex=2&count=2").json()

    assert [one["userName"] for one in found["Resources"]] == ["p3@fernweh.example"]
    assert (page["totalResults"], len(page["Resources"]), page["startIndex"]) == (5, 2, 2)
