"""Members: invited by a letter that works once, changed and removed by whoever has as much, never without an owner."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from apps.orgs import queries, services
from apps.orgs.domain.permissions import NEVER_CUSTOM, ROLES, Permission
from apps.orgs.models import CustomRole, Invitation, Membership, Organization, Role, User
from tests.factories.company import Company

URL = "/o/fernweh/members/"
NEW = {"email": "new@example.org", "role": "viewer", "sources": "", "countries": ""}


def letter_address() -> str:
    found = re.search(r"http://testserver(/invitations/\S+/)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def role_of(company: Company, user: User) -> str:
    return Membership.objects.get(organization=company.organization, user=user).role


def make(company: Company, user: User, role: str, **fields: object) -> Client:
    Membership.objects.update_or_create(organization=company.organization, user=user, defaults={"role": role, **fields})
    return company.client_of(user)


def test_invited_person_joins_with_the_role_and_the_limits_of_the_letter(company: Company) -> None:
    company.client_of(company.ada).post(URL, NEW | {"role": "guest", "sources": "newsletter\n", "countries": "de"})
    person = User.objects.create_user("new@example.org", "correct horse battery staple")
    client, address = company.client_of(person), letter_address()

    shown = client.get(address).content.decode()
    client.post(f"{address}accept/")

    assert "Join Fernweh" in shown
    row = Membership.objects.get(organization=company.organization, user=person)
    assert (row.role, row.sources, row.countries) == ("guest", ["newsletter"], ["DE"])
    assert mail.outbox[-1].to == ["new@example.org"]


def test_letter_works_once(company: Company) -> None:
    company.client_of(company.ada).post(URL, NEW)
    person = User.objects.create_user("new@example.org", "correct horse battery staple")
    client, address = company.client_of(person), letter_address()
    client.post(f"{address}accept/")
    Membership.objects.filter(user=person).delete()

    again = client.post(f"{address}accept/")

    assert again.status_code == 404
    assert not Membership.objects.filter(user=person).exists()


def test_letter_is_for_its_address_alone(company: Company) -> None:
    company.client_of(company.ada).post(URL, NEW)
    client = company.client_of(company.mallory)

    answer = client.post(f"{letter_address()}accept/")

    assert answer.status_code == 403
    assert not Membership.objects.filter(user=company.mallory, organization=company.organization).exists()


def test_letter_expires_and_is_withdrawn(company: Company) -> None:
    ada = company.client_of(company.ada)
    ada.post(URL, NEW)
    address = letter_address()
    with time_machine.travel(timezone.now() + services.members.INVITATION_HOLDS + timedelta(seconds=1)):
        assert Client().get(address).status_code == 404
    assert Client().get(address).status_code == 200

    ada.post(f"/o/fernweh/invitations/{Invitation.objects.get().pk}/withdraw/")

    assert Client().get(address).status_code == 404


def test_only_the_hash_of_a_letter_is_kept(company: Company) -> None:
    company.client_of(company.ada).post(URL, NEW)

    secret = letter_address().split("/")[2]
    assert len(secret) >= 43
    assert secret not in str(Invitation.objects.values().get())


def test_new_letter_replaces_the_one_before(company: Company) -> None:
    ada = company.client_of(company.ada)
    ada.post(URL, NEW)
    first = letter_address()

    ada.post(URL, NEW | {"role": "analyst"})

    assert Client().get(first).status_code == 404
    assert Invitation.objects.get().role == "analyst"


def test_invited_stranger_makes_an_account_where_sign_up_is_closed(company: Company) -> None:
    company.client_of(company.ada).post(URL, NEW)
    stranger, password = Client(), {"password1": "correct horse battery", "password2": "correct horse battery"}
    assert "sign" in stranger.get("/accounts/signup/").content.decode().lower()
    assert stranger.post("/accounts/signup/", {"email": "new@example.org", **password}).status_code != 302

    stranger.get(letter_address())
    other = stranger.post("/accounts/signup/", {"email": "other@example.org", **password})
    made = stranger.post("/accounts/signup/", {"email": "new@example.org", **password})

    assert other.status_code == 200
    assert made.status_code == 302
    assert set(
        User.objects.filter(email__in=["new@example.org", "other@example.org"]).values_list("email", flat=True)
    ) == {"new@example.org"}


def test_name_of_an_organization_cannot_add_a_header(company: Company) -> None:
    Organization.objects.filter(pk=company.organization.pk).update(name="Fernweh\r\nBcc: mallory@example.org")

    company.client_of(company.ada).post(URL, NEW)

    assert mail.outbox[-1].subject == "You are invited to Fernweh Bcc: mallory@example.org"
    assert mail.outbox[-1].recipients() == ["new@example.org"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "no address"), ("email", "grace@example.org"), ("role", "god"), ("role", "custom:999999"),
     ("countries", "Germany"), ("property_ids", "999999"), ("email", "a\r\nBcc: b@example.org")],
)  # fmt: skip
def test_bad_invitation_keeps_what_was_typed_and_sends_nothing(company: Company, field: str, value: str) -> None:
    answer = company.client_of(company.ada).post(URL, NEW | {field: value})

    assert answer.status_code == 422
    assert "field__error" in answer.content.decode() or 'role="alert"' in answer.content.decode()
    assert not Invitation.objects.exists()
    assert mail.outbox == []


def test_foreign_property_and_role_cannot_be_smuggled_in(company: Company) -> None:
    """Mass assignment and IDOR in one: ids of another organization are no choice, with or without the form."""
    foreign_role = CustomRole.objects.create(
        organization=company.theirs.organization, name="theirs", permissions=["reports.read"]
    )
    access = queries.access_of(company.ada, organization_id=company.organization.pk)
    assert access is not None
    for fields in ({"property_ids": [company.theirs.pk]}, {"custom_role": foreign_role}):
        with pytest.raises(services.members.ValidationError):
            services.invite(
                organization=company.organization, email="x@example.org", made_by=company.ada, now=timezone.now(),
                grant={"role": Role.VIEWER, **fields}, giver=access,
            )  # fmt: skip


@pytest.mark.parametrize("role", ["owner", "custom"])
def test_admin_gives_nobody_more_than_they_have(company: Company, role: str) -> None:
    client = make(company, company.grace, Role.ADMIN)
    if role == "custom":
        CustomRole.objects.create(organization=company.organization, name="x", permissions=[Permission.OWNERSHIP.value])
    member = Membership.objects.get(user=company.ada, organization=company.organization)

    invited = client.post(URL, NEW | {"role": "owner"})
    demoted = client.post(f"{URL}{member.pk}/", {"role": "viewer"})
    removed = client.post(f"{URL}{member.pk}/remove/", follow=True)

    assert (invited.status_code, demoted.status_code) == (422, 422)
    assert "more than you may do yourself" in removed.content.decode()
    assert role_of(company, company.ada) == "owner"


def test_limited_member_cannot_lift_the_limits(company: Company) -> None:
    role = CustomRole.objects.create(
        organization=company.organization,
        name="Agency lead",
        permissions=["reports.read", "members.read", "members.change"],
    )
    client = make(company, company.grace, Role.VIEWER, custom_role=role, sources=["newsletter"])
    me = Membership.objects.get(user=company.grace, organization=company.organization)

    lifted = client.post(f"{URL}{me.pk}/", {"role": f"custom:{role.pk}", "sources": ""})
    widened = client.post(f"{URL}{me.pk}/", {"role": f"custom:{role.pk}", "sources": "newsletter\ngoogle"})
    invited = client.post(URL, NEW | {"role": f"custom:{role.pk}", "sources": "newsletter"})

    assert (lifted.status_code, widened.status_code, invited.status_code) == (422, 422, 302)


def test_custom_role_never_owns_and_is_deleted_when_nobody_has_it(company: Company) -> None:
    client = company.client_of(company.ada)
    url = "/o/fernweh/roles/"

    client.post(url, {"name": "Reader", "permissions": ["reports.read", "organization.own"]})
    refused = client.post(url, {"name": "Reader", "permissions": []})
    client.post(url, {"name": "Reader", "permissions": ["reports.read"]})
    row = CustomRole.objects.get()
    member = make(company, company.grace, Role.VIEWER, custom_role=row)
    while_used = client.post(f"{url}{row.pk}/delete/", follow=True).content.decode()

    assert refused.status_code == 422
    assert row.permissions == ["reports.read"]
    assert member.get("/o/fernweh/p/shop/methods/").status_code == 200
    assert member.get("/o/fernweh/p/shop/live/").status_code == 403
    assert "Somebody has this role" in while_used
    Membership.objects.filter(user=company.grace).update(custom_role=None)
    client.post(f"{url}{row.pk}/delete/")
    assert not CustomRole.objects.exists()


def test_organization_keeps_an_owner(company: Company) -> None:
    client = company.client_of(company.ada)
    me = Membership.objects.get(user=company.ada, organization=company.organization)

    client.post("/o/fernweh/leave/")
    client.post(f"{URL}{me.pk}/remove/")
    demoted = client.post(f"{URL}{me.pk}/", {"role": "viewer"})

    assert demoted.status_code == 422
    assert role_of(company, company.ada) == "owner"


def test_ownership_goes_to_a_member_and_the_giver_stays_as_admin(company: Company) -> None:
    grace = Membership.objects.get(user=company.grace, organization=company.organization)
    Membership.objects.filter(pk=grace.pk).update(sources=["newsletter"])

    company.client_of(company.ada).post("/o/fernweh/transfer/", {"email": "Grace@example.org "})

    assert (role_of(company, company.ada), role_of(company, company.grace)) == ("admin", "owner")
    assert Membership.objects.get(pk=grace.pk).sources == []
    company.client_of(company.ada).post("/o/fernweh/transfer/", {"email": "Grace@example.org "})
    assert role_of(company, company.grace) == "owner"


def test_foreign_member_cannot_be_made_owner_or_touched(company: Company) -> None:
    theirs = Membership.objects.get(user=company.mallory)
    client = company.client_of(company.ada)

    for typed in (company.mallory.email, "nobody@example.org", company.ada.email, "\0", "9" * 400):
        refused = client.post("/o/fernweh/transfer/", {"email": typed})
        assert refused.status_code == 422
        assert "No other member has this address." in refused.content.decode()
    assert role_of(company, company.ada) == "owner"
    assert client.get(f"{URL}{theirs.pk}/").status_code == 404
    assert client.post(f"{URL}{theirs.pk}/remove/").status_code == 404


def test_member_leaves_and_sees_nothing_more(company: Company) -> None:
    client = company.client_of(company.grace)

    client.post("/o/fernweh/leave/")

    assert client.get("/o/fernweh/").status_code == 404
    assert client.get("/o/fernweh/p/shop/settings/").status_code == 404


def test_member_of_one_property_finds_no_other(company: Company) -> None:
    other = services.create_property(
        organization=company.organization, name="App", slug="app", time_zone="UTC", currency="USD", made_by=None
    )
    client = make(company, company.grace, Role.ANALYST, property_ids=[other.pk])

    assert client.get("/o/fernweh/p/app/goals/").status_code == 200
    assert client.get("/o/fernweh/p/shop/goals/").status_code == 404
    assert "/o/fernweh/p/shop/" not in client.get("/?all=1").content.decode()


def test_deleted_organization_can_be_kept_until_its_days_are_over(company: Company) -> None:
    from apps.orgs.tasks import delete_due_organizations

    client = company.client_of(company.ada)
    client.post("/o/fernweh/delete/", {"address": "wrong"})
    assert Organization.objects.get(slug="fernweh").deletes_at is None
    client.post("/o/fernweh/delete/", {"address": "fernweh"})
    assert "is deleted on" in client.get("/o/fernweh/").content.decode()
    delete_due_organizations()
    assert Organization.objects.filter(slug="fernweh").exists()

    client.post("/o/fernweh/keep/")

    assert Organization.objects.get(slug="fernweh").deletes_at is None
    assert company.client_of(company.grace).post("/o/fernweh/delete/", {"address": "fernweh"}).status_code == 403


def test_organization_ends_with_its_events_when_its_days_are_over(
    company: Company, clickhouse: None, valkey: None
) -> None:
    from apps.orgs.tasks import delete_due_organizations
    from apps.shared import clickhouse as runner
    from tests.reports.conftest import event, store

    for row in (company.shop, company.theirs):
        store([event(row.pk, f"m-{row.pk}", timezone.now())])
    services.ask_for_deletion(company.organization, now=timezone.now())
    with time_machine.travel(timezone.now() + services.GRACE + timedelta(seconds=1)):
        delete_due_organizations()

    counts = [
        runner.select("SELECT count() FROM events WHERE property_id = {property_id:UInt64}", int, property_id=row.pk)
        for row in (company.shop, company.theirs)
    ]
    assert counts == [[0], [1]]
    assert list(Organization.objects.values_list("slug", flat=True)) == ["cinder"]


def test_matrix_page_shows_the_table_that_is_asked(company: Company) -> None:
    page = company.client_of(company.grace).get("/o/fernweh/roles/").content.decode()

    for permission in Permission:
        row = page.split(f">{permission.value}</code>")[1].split("</tr>")[0]
        cells = re.findall(r'sr-only">(yes|no)<', row)
        assert cells == ["yes" if permission in allowed else "no" for allowed in ROLES.values()]


def test_table_of_permissions_holds_together() -> None:
    assert list(ROLES) == list(Role.values)
    assert ROLES["owner"] == frozenset(Permission)
    assert all(NEVER_CUSTOM.isdisjoint(allowed) for name, allowed in ROLES.items() if name != "owner")
    assert all(allowed <= ROLES["admin"] for name, allowed in ROLES.items() if name != "owner")


def test_mail_server_that_is_down_loses_no_invitation(company: Company, settings: object) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # type: ignore[attr-defined]

    page = company.client_of(company.ada).post(URL, NEW, follow=True).content.decode()

    assert "The mail could not be sent" in page
    assert Client().get(re.search(r"http://testserver(/invitations/[^/]+/)", page)[1]).status_code == 200  # type: ignore[index]
