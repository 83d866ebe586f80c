"""Operators: every model can be seen, history is read-only, no secret is in clear, others' data need a reason."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.utils import timezone

from apps.compliance.models import AuditEntry
from apps.orgs import services
from apps.orgs.models import Invitation, Membership, Role, ServiceAccount, User
from tests.factories.company import PASSWORD, Company

# Written and read by machines; nobody would look for them here.
NOT_SHOWN = {"attribution.Drawing", "ingestion.InsertTurn", "ingestion.RememberedConsent"}
SUPPORT = "/admin/orgs/supportaccess/add/"


@pytest.fixture
def operator(company: Company) -> Client:
    """Olga runs the server and is in no organization."""
    return company.client_of(User.objects.create_superuser("olga@example.org", "correct horse battery staple"))


def test_every_model_of_ours_can_be_looked_at() -> None:
    ours = {model for model in apps.get_models() if model.__module__.startswith("apps.")}
    shown = {model for model in ours if admin.site.is_registered(model)}
    facts = {model for model in ours if model.__module__.endswith(".facts")}

    assert {model._meta.label for model in ours - shown - facts} <= NOT_SHOWN


def test_operator_sees_names_of_organizations_and_nothing_in_them(company: Company, operator: Client) -> None:
    names = operator.get("/admin/orgs/organization/").content.decode()

    assert "Fernweh" in names
    for model in ("property", "stream", "membership", "invitation", "serviceaccount", "apikey", "propertysettings"):
        answer = operator.get(f"/admin/orgs/{model}/")
        assert answer.status_code == 200, model
        assert "0 " in answer.content.decode(), model
        assert "Fernweh" not in answer.content.decode(), model
    assert operator.get("/o/fernweh/p/shop/").status_code == 404


@pytest.mark.parametrize("reason", ["", "   ", "bug", "x\n"])
def test_support_needs_a_reason(company: Company, operator: Client, reason: str) -> None:
    answer = operator.post(SUPPORT, {"organization": company.organization.pk, "reason": reason})

    assert answer.status_code == 200
    assert not Membership.objects.filter(ends_at__isnull=False).exists()


def test_support_is_an_hour_of_looking_that_members_see(company: Company, operator: Client, valkey: None) -> None:
    reason = "Ticket 4711: the report of May <b>looks</b> empty"
    operator.post(SUPPORT, {"organization": company.organization.pk, "reason": reason})

    assert operator.get("/o/fernweh/p/shop/settings/").status_code == 200
    assert operator.post("/o/fernweh/members/", {}).status_code == 403
    assert "Shop" in operator.get("/admin/orgs/property/").content.decode()
    page = company.client_of(company.ada).get("/o/fernweh/members/").content.decode()
    assert "Ticket 4711: the report of May &lt;b&gt;looks&lt;/b&gt; empty" in page
    entry = AuditEntry.objects.filter(subject="orgs_membership").first()
    assert entry is not None
    assert (entry.actor_name, entry.after["reason"]) == ("olga@example.org", reason)
    with time_machine.travel(timezone.now() + services.members.SUPPORT_HOLDS + timedelta(seconds=1)):
        olga = company.client_of(User.objects.get(email="olga@example.org"))
        assert olga.get("/o/fernweh/p/shop/settings/").status_code == 404
        assert "Fernweh" not in olga.get("/?all=1").content.decode()


def test_owner_ends_support_at_once(company: Company, operator: Client) -> None:
    operator.post(SUPPORT, {"organization": company.organization.pk, "reason": "Ticket 4711, figures look wrong"})
    row = Membership.objects.get(ends_at__isnull=False)

    company.client_of(company.ada).post(f"/o/fernweh/members/{row.pk}/remove/")

    assert operator.get("/o/fernweh/p/shop/settings/").status_code == 404


def test_no_secret_is_shown_in_clear(company: Company) -> None:
    company.ada.is_staff = company.ada.is_superuser = True
    company.ada.save()
    client, stream = company.client_of(company.ada), company.shop.streams.get()
    account = ServiceAccount.objects.create(organization=company.organization, name="W", role=Role.VIEWER)
    made = services.create_key(account=account, name="k", scopes=["reports.read"], made_by=None)
    services.rotate_key(property_id=company.shop.pk, stream_id=stream.pk, now=timezone.now())
    secrets: dict[str, Any] = {
        f"stream/{stream.pk}": stream.write_key,
        f"retiredkey/{stream.retired_keys.get().pk}": stream.write_key,
        f"apikey/{made.row.pk}": made.row.secret_hash,
        f"user/{company.grace.pk}": company.grace.password,
    }
    new_key = type(stream).objects.get(pk=stream.pk).write_key
    for path, secret in secrets.items():
        page = client.get(f"/admin/orgs/{path}/change/", follow=True)
        assert page.status_code == 200, path
        assert secret not in page.content.decode(), path
        assert new_key not in page.content.decode(), path
    assert Invitation._meta.get_field("secret_hash").editable is False


def test_operator_reads_no_session_but_ends_it(company: Company, operator: Client) -> None:
    victim = Client()
    victim.post("/accounts/login/", {"login": company.grace.email, "password": PASSWORD})
    assert victim.get("/o/fernweh/").status_code == 200
    row = UserSession.objects.get(user=company.grace)
    url = f"/admin/usersessions/usersession/{row.pk}"

    assert row.session_key not in operator.get(f"{url}/change/").content.decode()
    operator.post(f"{url}/delete/", {"post": "yes"})

    assert victim.get("/o/fernweh/").status_code == 302
    assert not UserSession.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", ["compliance/auditentry", "orgs/propertysettings", "attribution/goalversion"])
def test_history_is_read_only(company: Company, model: str) -> None:
    company.ada.is_staff = company.ada.is_superuser = True
    company.ada.save()
    client = company.client_of(company.ada)

    assert client.get(f"/admin/{model}/").status_code == 200
    assert client.get(f"/admin/{model}/add/").status_code == 403
