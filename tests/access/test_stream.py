"""The record is streamed to receivers: signed, nothing lost, in order, and never to an address inside."""

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from apps.compliance import services as compliance
from apps.compliance.adapters import webhooks
from apps.compliance.domain import retries
from apps.compliance.models import AuditDelivery, AuditEndpoint, AuditEntry
from apps.compliance.services.streaming import signing_secrets
from apps.orgs import services as orgs
from apps.orgs.models import Membership, Organization, Property, Role, ServiceAccount
from apps.shared import behalf, guarded_http
from tests.access.receiver import Receiver, receiving
from tests.factories.company import Company

State = AuditDelivery.State


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """Run a receiver that the operator allows although it is inside."""
    with receiving() as one:
        settings.ACCOUNTS_PRIVATE_HOSTS = [one.host]
        yield one


@pytest.fixture
def endpoint(company: Company, receiver: Receiver) -> AuditEndpoint:
    made = compliance.add_endpoint(organization_id=company.organization.pk, url=receiver.url)
    AuditDelivery.objects.all().delete()  # of its own creation
    return made


def rename(company: Company, *names: str) -> None:
    for name in names:
        Property.objects.filter(pk=company.shop.pk).update(name=name)


def run(endpoint: AuditEndpoint, *, after: timedelta = timedelta(0)) -> int:
    def clock() -> datetime:
        return timezone.now() + after

    return compliance.deliver_due(endpoint_id=endpoint.pk, post=webhooks.post, clock=clock, jitter=lambda: 0.5)


def test_entries_arrive_signed_in_order_and_chained(
    company: Company, endpoint: AuditEndpoint, receiver: Receiver
) -> None:
    rename(company, "Ä", "B", "C")

    assert run(endpoint) == 3

    bodies = [Webhook(endpoint.secret).verify(body, headers) for headers, body in receiver.got]
    assert [one["data"]["after"] for one in bodies] == [{"name": "Ä"}, {"name": "B"}, {"name": "C"}]
    assert [one["type"] for one in bodies] == ["record.entry"] * 3
    assert bodies[1]["data"]["previous"] == bodies[0]["data"]["hash"]
    assert (
        bodies[1]["data"]["hash"]
        == AuditEntry.objects.get(number=bodies[1]["data"]["number"], chain=company.organization.pk).hash
    )
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 3
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(receiver.got[0][1].replace("Ä", "X"), receiver.got[0][0])
    assert run(endpoint) == 0


def test_raw_sql_and_rolled_back_changes_are_told_apart(company: Company, endpoint: AuditEndpoint) -> None:
    """The outbox is written by the transaction of the entry: with it or not at all, whatever wrote it."""
    with connection.cursor() as cursor:
        cursor.cursor.execute(
            "SELECT set_config('tributary.organization', %s, true), set_config('tributary.actor', '', true)",
            [str(company.organization.pk)],
        )
        cursor.cursor.execute("UPDATE orgs_property SET name = 'Raw' WHERE id = %s", [company.shop.pk])
    assert AuditDelivery.objects.count() == 1
    with transaction.atomic():
        rename(company, "Undone")
        transaction.set_rollback(True)
    assert AuditDelivery.objects.count() == 1


def test_nothing_of_another_organization_is_delivered(company: Company, endpoint: AuditEndpoint) -> None:
    Property.objects.filter(pk=company.theirs.pk).update(name="Theirs")

    assert AuditDelivery.objects.count() == 0


def test_refused_entry_comes_again_with_the_same_id_and_the_others_do_not_wait(
    company: Company, endpoint: AuditEndpoint, receiver: Receiver
) -> None:
    rename(company, "A")
    receiver.status = 500
    assert run(endpoint) == 0
    first = AuditDelivery.objects.get()
    assert (first.state, first.status, first.attempts) == (State.WAITING, 500, 1)
    assert first.tried_at is not None
    assert first.next_at - first.tried_at == timedelta(seconds=30)
    receiver.status = 200
    rename(company, "B")

    assert run(endpoint) == 1
    assert run(endpoint, after=timedelta(seconds=31)) == 1

    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert ids[0] == ids[2] != ids[1]
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since) == (0, None)


def test_delivery_that_fails_for_days_is_given_up_shown_and_sent_again_by_hand(
    company: Company, endpoint: AuditEndpoint, receiver: Receiver
) -> None:
    rename(company, "A")
    receiver.status, after = 500, timedelta(0)
    for _ in range(retries.MOST_ATTEMPTS):
        AuditEndpoint.objects.update(failures=0, failing_since=None)  # others are taken meanwhile
        run(endpoint, after=after)
        after += timedelta(hours=30)
    assert AuditDelivery.objects.get().state == State.DEAD
    assert run(endpoint, after=after) == 0
    ada = company.client_of(company.ada)
    page = ada.get(f"/o/fernweh/record/delivery/{endpoint.pk}/?state=dead").content.decode()
    assert "HTTP 500" in page
    assert "given up" in page

    receiver.status = 200
    dead = AuditDelivery.objects.get(state=State.DEAD)
    ada.post(f"/o/fernweh/record/delivery/{endpoint.pk}/replay/", {"delivery": dead.pk})
    run(endpoint)
    dead.refresh_from_db()
    assert (dead.state, dead.attempts) == (State.DELIVERED, 1)
    assert receiver.got[0][0]["webhook-id"] in [headers["webhook-id"] for headers, _ in receiver.got[9:]]


def test_receiver_that_keeps_failing_is_paused_and_owners_are_told(
    company: Company, endpoint: AuditEndpoint, receiver: Receiver
) -> None:
    receiver.status = 503
    rename(company, *"ABCDEFGHIJ")
    for hours in range(5):
        run(endpoint, after=timedelta(hours=hours))
    endpoint.refresh_from_db()
    assert endpoint.paused_at is not None
    assert [one.to for one in mail.outbox] == [["ada@example.org"]]
    assert "Fernweh" in mail.outbox[0].subject
    asked = len(receiver.got)
    assert run(endpoint, after=timedelta(days=2)) == 0
    assert len(receiver.got) == asked
    assert compliance.endpoints_due(now=timezone.now() + timedelta(days=2)) == []

    receiver.status = 200
    company.client_of(company.ada).post(f"/o/fernweh/record/delivery/{endpoint.pk}/resume/")
    assert run(endpoint) >= 10
    assert not AuditDelivery.objects.filter(state=State.WAITING).exclude(next_at__gt=timezone.now()).exists()


def test_gone_receiver_is_left_alone_at_once(company: Company, endpoint: AuditEndpoint, receiver: Receiver) -> None:
    receiver.status = 410
    rename(company, "A")
    run(endpoint)

    endpoint.refresh_from_db()
    assert endpoint.paused_at is not None


@pytest.mark.parametrize("how", ["hangs", "drips", "redirects inside", "redirects on"])
def test_slow_and_crooked_receivers_cost_a_bounded_time_and_lead_nowhere(
    company: Company, endpoint: AuditEndpoint, receiver: Receiver, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarded_http, "PATIENCE", 1.0)
    with receiving() as secret_service:
        receiver.silence = 30 if how == "hangs" else 0
        receiver.drip, receiver.status = how == "drips", 200
        if how.startswith("redirects"):
            receiver.status = 302
            receiver.location = secret_service.url if how == "redirects inside" else "https://example.org/"
        rename(company, "A")
        began = time.monotonic()

        assert run(endpoint) == 0

        assert time.monotonic() - began < 10
        assert secret_service.got == []
    one = AuditDelivery.objects.get()
    assert (one.state, one.attempts) == (State.WAITING, 1)
    assert one.status == (302 if how.startswith("redirects") else None)


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1:{port}/", "https://localhost:{port}/", "https://2130706433:{port}/", "https://[::1]:{port}/",
     "https://0x7f.1:{port}/", "https://127.0.0.1.nip.io:{port}/", "https://169.254.169.254/latest/"],
)  # fmt: skip
def test_addresses_inside_are_never_asked(company: Company, url: str) -> None:
    """SSRF: an address is looked at when it is connected to, so no spelling and no name leads inside."""
    with receiving() as inside:
        made = compliance.add_endpoint(organization_id=company.organization.pk, url=url.format(port=inside.port))
        assert run(made) == 0
        assert inside.got == []
    assert AuditDelivery.objects.order_by("pk").first().status is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "ftp://example.org/", "file:///etc/passwd", "https://ada:pw@example.org/", "https://",
     "https://example.org/\r\nX-Evil: 1", "https://exa mple.org/", "https://bücher.example/", "javascript:alert(1)",
     "https://example.org/" + "a" * 500],
)  # fmt: skip
def test_crooked_addresses_are_refused_beside_the_field(company: Company, url: str) -> None:
    with pytest.raises(ValidationError):
        compliance.add_endpoint(organization_id=company.organization.pk, url=url)
    answer = company.client_of(company.ada).post("/o/fernweh/record/delivery/", {"url": url})
    assert answer.status_code == 422
    assert "field__error" in answer.content.decode()
    assert not AuditEndpoint.objects.exists()


def test_secret_is_shown_once_encrypted_and_rotates_with_an_overlap(company: Company, receiver: Receiver) -> None:
    ada = company.client_of(company.ada)
    page = ada.post("/o/fernweh/record/delivery/", {"url": receiver.url})
    endpoint = AuditEndpoint.objects.get()
    old = endpoint.secret
    assert old in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM compliance_auditendpoint")
        assert old not in cursor.fetchone()[0]
    for path in ("", f"{endpoint.pk}/"):
        assert old not in ada.get(f"/o/fernweh/record/delivery/{path}").content.decode()
    assert old not in ada.get("/o/fernweh/record/").content.decode()

    rotated = ada.post(f"/o/fernweh/record/delivery/{endpoint.pk}/rotate/").content.decode()
    endpoint.refresh_from_db()
    assert endpoint.secret in rotated
    assert endpoint.secret != old
    run(endpoint)
    headers, body = receiver.got[-1]
    for secret in (old, endpoint.secret):
        Webhook(secret).verify(body, headers)
    rename(company, "later")
    for row in AuditDelivery.objects.filter(state=State.WAITING):
        secrets = signing_secrets(endpoint, now=timezone.now() + compliance.OVERLAP + timedelta(1))
        assert secrets == [endpoint.secret], row
    AuditEndpoint.objects.update(retired_until=timezone.now())
    run(endpoint)
    headers, body = receiver.got[-1]
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(body, headers)


def test_test_message_pause_and_deletion_from_the_page(
    company: Company, endpoint: AuditEndpoint, receiver: Receiver
) -> None:
    ada, base = company.client_of(company.ada), f"/o/fernweh/record/delivery/{endpoint.pk}/"
    ada.post(f"{base}test/")
    run(endpoint)
    assert "record.test" in [json.loads(body)["type"] for _headers, body in receiver.got]
    assert "HTTP 204" in ada.get(base).content.decode()

    ada.post(f"{base}pause/")
    rename(company, "A")
    assert run(endpoint) == 0
    ada.post(f"{base}delete/")
    assert not AuditEndpoint.objects.exists()
    assert not AuditDelivery.objects.exists()
    entry = AuditEntry.objects.filter(subject="compliance_auditendpoint").first()
    assert entry is not None
    assert (entry.action, entry.before["secret"]) == ("delete", "(secret)")


def test_two_runs_at_once_deliver_nothing_twice(company: Company, endpoint: AuditEndpoint, receiver: Receiver) -> None:
    rename(company, "A")
    AuditEndpoint.objects.update(busy_until=timezone.now() + timedelta(minutes=1))
    assert run(endpoint) == 0
    assert run(endpoint, after=timedelta(minutes=3)) == 1, "a worker that died gives the turn back"


def test_foreign_endpoint_is_not_there_and_forged_fields_change_nothing(
    company: Company, endpoint: AuditEndpoint
) -> None:
    """IDOR and mass assignment."""
    mallory, ada = company.client_of(company.mallory), company.client_of(company.ada)
    before = AuditEndpoint.objects.values().get()
    for act in ("", "rotate/", "test/", "pause/", "resume/", "replay/", "delete/"):
        for slug in ("fernweh", "cinder"):
            assert mallory.post(f"/o/{slug}/record/delivery/{endpoint.pk}/{act}").status_code == 404, (slug, act)
    assert AuditEndpoint.objects.values().get() == before
    theirs = compliance.add_endpoint(organization_id=company.theirs.organization_id, url="https://example.org/")
    foreign = theirs.deliveries.first()
    assert foreign is not None
    ada.post(f"/o/fernweh/record/delivery/{endpoint.pk}/replay/", {"delivery": foreign.pk})
    foreign.refresh_from_db()
    assert foreign.state == State.WAITING
    assert foreign.attempts == 0
    forged = {"url": "https://example.com/", "organization": company.theirs.organization_id, "secret": "whsec_AAAA",
              "organization_id": company.theirs.organization_id, "paused_at": "2020-01-01"}  # fmt: skip
    ada.post("/o/fernweh/record/delivery/", forged)
    made = AuditEndpoint.objects.get(url="https://example.com/")
    assert made.organization_id == company.organization.pk
    assert made.secret != "whsec_AAAA"
    assert made.paused_at is None
    with behalf.acting(behalf.of_organization(company.organization.pk)):
        assert not AuditEndpoint.objects.filter(pk=theirs.pk).exists()
        assert not AuditDelivery.objects.filter(endpoint_id=theirs.pk).exists()


def test_who_may_not_change_the_record_sees_no_receivers(company: Company, endpoint: AuditEndpoint) -> None:
    Membership.objects.filter(user=company.grace).update(role=Role.ANALYST)
    grace = company.client_of(company.grace)
    assert grace.get("/o/fernweh/record/delivery/").status_code == 403
    assert grace.post(f"/o/fernweh/record/delivery/{endpoint.pk}/rotate/").status_code == 403


def test_old_deliveries_are_forgotten_and_entries_are_not(company: Company, endpoint: AuditEndpoint) -> None:
    rename(company, "A", "B")
    run(endpoint)
    rename(company, "C")
    count = AuditEntry.objects.count()
    assert compliance.forget_old_deliveries(now=timezone.now() + timedelta(days=31)) == 2
    assert compliance.forget_old_deliveries(now=timezone.now() + timedelta(days=91)) == 1
    assert AuditEntry.objects.count() == count


def test_program_reads_the_record_and_sends_again(company: Company, endpoint: AuditEndpoint, valkey: None) -> None:
    def asking(organization: Organization, *scopes: str) -> Client:
        account = ServiceAccount.objects.create(organization=organization, name=str(scopes), role=Role.ADMIN)
        made = orgs.create_key(account=account, name="k", scopes=scopes, made_by=None)
        return Client(headers={"Authorization": f"Bearer {made.text}"})

    ours = asking(company.organization, "audit.read", "audit.change")
    theirs = asking(company.theirs.organization, "audit.read", "audit.change")
    reader = asking(company.organization, "audit.read")
    rename(company, "A", "B")
    AuditDelivery.objects.update(state=State.DEAD)
    first = ours.get("/api/v1/record/?limit=1").json()
    second = ours.get(f"/api/v1/record/?limit=1&before={first['next']}").json()
    assert first["rows"][0]["after"] == {"name": "B"}
    assert first["rows"][0]["previous"] == second["rows"][0]["hash"]
    assert "fernweh" not in str(theirs.get("/api/v1/record/").json()).lower()
    assert endpoint.secret not in ours.get("/api/v1/record/receivers/").content.decode()
    base = f"/api/v1/record/receivers/{endpoint.pk}/"
    assert theirs.get(f"{base}deliveries/").status_code == 404
    assert theirs.post(f"{base}replay/").status_code == 404
    assert reader.post(f"{base}replay/").status_code == 403
    assert ours.get("/api/v1/record/?before=0&limit=x").status_code == 400
    assert {row["state"] for row in ours.get(f"{base}deliveries/").json()["rows"]} >= {"dead"}
    assert ours.post(f"{base}replay/").json()["count"] >= 2
    assert not AuditDelivery.objects.filter(state=State.DEAD).exists()
