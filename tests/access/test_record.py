"""The record: everything is in it, whoever did it by whatever way, and nobody changes it unnoticed."""

import csv
import io
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from apps.compliance import services as compliance
from apps.compliance.models import AuditEntry
from apps.orgs import services
from apps.orgs.models import Membership, Organization, Property, Role, ServiceAccount
from apps.shared import behalf
from apps.shared.local import postgres
from tests import plugin
from tests.factories.company import PASSWORD, Company, make_company

Sql = Callable[[str], str]


def newest(**filters: Any) -> AuditEntry:
    return AuditEntry.objects.filter(**filters).first() or pytest.fail("nothing was recorded")


def test_change_on_a_page_says_who_from_where_before_and_after(company: Company) -> None:
    row = Membership.objects.get(user=company.grace)
    client = company.client_of(company.ada)

    answer = client.post(
        f"/o/fernweh/members/{row.pk}/", {"role": "viewer", "sources": "google"}, REMOTE_ADDR="192.0.2.7"
    )

    entry = newest(subject="orgs_membership")
    assert (entry.actor_kind, entry.actor_id, entry.actor_name) == ("person", company.ada.pk, "ada@example.org")
    assert (entry.address, entry.request_id) == ("192.0.2.7", answer["X-Request-ID"])
    assert (entry.action, entry.subject_id) == ("update", str(row.pk))
    assert entry.before == {"role": "analyst", "sources": []}
    assert entry.after == {"role": "viewer", "sources": ["google"]}
    assert entry.organization_id == company.organization.pk


def test_raw_sql_is_recorded_too(company: Company) -> None:
    with connection.cursor() as cursor:
        cursor.cursor.execute(
            "SELECT set_config('tributary.system', 'on', true), set_config('tributary.actor', '', true)"
        )
        cursor.cursor.execute("UPDATE orgs_property SET name = 'Renamed' WHERE id = %s", [company.shop.pk])

    entry = newest(subject="orgs_property")
    assert (entry.actor_kind, entry.actor_name) == ("sql", "tributary_app")
    assert (entry.before, entry.after) == ({"name": "Shop"}, {"name": "Renamed"})


def test_api_key_and_task_are_named(company: Company, valkey: None) -> None:
    with behalf.acting(behalf.Behalf(is_system=True, actor=behalf.Actor("key", 7, "Warehouse · tk_1", "192.0.2.7"))):
        Property.objects.filter(pk=company.shop.pk).update(name="By key")
    assert (newest().actor_kind, newest().actor_name) == ("key", "Warehouse · tk_1")

    from apps.orgs.tasks import delete_due_organizations

    services.ask_for_deletion(company.organization, now=timezone.now() - services.GRACE * 2)
    Property.objects.filter(organization=company.organization).delete()
    delete_due_organizations()
    entry = newest(subject="orgs_organization", action="delete")
    assert (entry.actor_kind, entry.actor_name) == ("task", "orgs.delete_due_organizations")


def test_secrets_are_never_in_it(company: Company) -> None:
    stream = company.shop.streams.get()
    account = ServiceAccount.objects.create(organization=company.organization, name="W", role=Role.VIEWER)
    made = services.create_key(account=account, name="k", scopes=["reports.read"], made_by=None)
    services.rotate_key(property_id=company.shop.pk, stream_id=stream.pk, now=timezone.now())
    company.ada.set_password("another password altogether")
    company.ada.save()

    text = str(list(AuditEntry.objects.values("before", "after")))
    assert "(secret)" in text
    for secret in (stream.write_key, made.row.secret_hash, made.text, company.ada.password):
        assert secret not in text
    assert newest(subject="orgs_user").after == {"password": "(secret)"}


def test_use_of_a_key_is_no_news(company: Company) -> None:
    stream, count = company.shop.streams.get(), AuditEntry.objects.count()
    services.note_use(stream.write_key, now=timezone.now())
    type(stream).objects.filter(pk=stream.pk).update(name=stream.name)

    assert AuditEntry.objects.count() == count


def test_sign_ins_and_failed_ones_are_recorded_for_the_organization(company: Company) -> None:
    client = Client(REMOTE_ADDR="192.0.2.9")
    client.post("/accounts/login/", {"login": "grace@example.org", "password": "wrong"})
    client.post("/accounts/login/", {"login": "grace@example.org", "password": PASSWORD})
    client.post("/accounts/logout/")

    rows = AuditEntry.objects.filter(organization_id=company.organization.pk, subject="orgs_user").order_by("pk")
    assert [(row.action, row.actor_name, row.address) for row in rows] == [
        (action, "grace@example.org", "192.0.2.9") for action in ("sign_in_failed", "sign_in", "sign_out")
    ]


@pytest.mark.parametrize("table", ["compliance_auditentry", "compliance_auditchain"])
@pytest.mark.parametrize("words", ["DELETE FROM {}", "UPDATE {} SET hash = 'x'"])
def test_product_changes_nothing_of_it(company: Company, table: str, words: str) -> None:
    count, changed = AuditEntry.objects.count(), 0
    with suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(words.format(table))
        changed = cursor.rowcount  # no policy lets it touch an entry
    assert changed == 0
    assert AuditEntry.objects.count() == count > 0
    assert list(compliance.verify()) == []


def test_caller_chooses_neither_author_nor_number(company: Company) -> None:
    with behalf.acting(behalf.Behalf(is_system=True, actor=behalf.Actor("person", 1, "mallory@example.org"))):
        made = AuditEntry.objects.create(
            organization_id=company.organization.pk, action="export", actor_name="ada@example.org", number=1, hash="x"
        )

    made.refresh_from_db()
    assert made.actor_name == "mallory@example.org"
    assert made.number > 1
    assert len(made.hash) == 64
    assert list(compliance.verify()) == []


@pytest.fixture
def owner_sql(transactional_db: None, stores: Any) -> Sql:
    """Run SQL as somebody who owns the database and has taken the triggers off."""

    def run(statement: str) -> str:
        tables = ("compliance_auditentry", "compliance_auditchain")
        off = " ".join(f"ALTER TABLE {table} DISABLE TRIGGER ALL;" for table in tables)
        return postgres.psql(stores, f"{off} {statement}; {off.replace('DISABLE', 'ENABLE')}", database=plugin.corner())

    return run


ENTRY, LAST = "compliance_auditentry", "(SELECT max(number) FROM compliance_auditentry WHERE chain = e.chain)"
CHANGED, CUT = "entry 2 was changed", "its end is not where it should be"


@pytest.mark.parametrize(
    ("tampering", "words"),
    [
        (f"UPDATE {ENTRY} SET actor_name = 'nobody' WHERE number = 2", CHANGED),
        (f"UPDATE {ENTRY} SET after = after || '{{\"role\": \"viewer\"}}' WHERE number = 2", CHANGED),
        (f"UPDATE {ENTRY} SET at = at + interval '1 microsecond' WHERE number = 2", CHANGED),
        (f"UPDATE {ENTRY} SET action = 'x', hash = repeat('0', 64) WHERE number = 2", CHANGED),
        (f"UPDATE {ENTRY} e SET action = 'x', hash = '' WHERE number = {LAST}; "
         f"UPDATE {ENTRY} e SET hash = audit_hash(e) WHERE hash = ''", CUT),
        (f"DELETE FROM {ENTRY} WHERE number = 2", "entry 2 is missing"),
        (f"DELETE FROM {ENTRY} e WHERE number = {LAST}", CUT),
        ("DELETE FROM compliance_auditchain", CUT),
    ],
)  # fmt: skip
def test_tampering_by_the_owner_of_the_database_is_found(owner_sql: Sql, tampering: str, words: str) -> None:
    make_company()
    assert list(compliance.verify()) == []

    owner_sql(tampering)

    assert words in "\n".join(compliance.verify())
    with pytest.raises(CommandError):
        call_command("verify_audit", stderr=io.StringIO())


def test_whole_record_verifies(company: Company) -> None:
    words = io.StringIO()
    call_command("verify_audit", stdout=words)

    assert "The record is whole" in words.getvalue()
    assert f"chain {company.organization.pk}: " in words.getvalue()


def test_page_is_searched_and_shows_nothing_of_others(company: Company) -> None:
    client = company.client_of(company.ada)
    client.post("/o/fernweh/", {"name": '<script>alert("x")</script>'})

    page = client.get("/o/fernweh/record/?subject=orgs_organization&q=ada@").content.decode()
    nothing = client.get("/o/fernweh/record/?q=nobody&first=2026-13-45&before=x").content.decode()
    everything = client.get("/o/fernweh/record/").content.decode()

    assert "&lt;script&gt;alert" in page
    assert '<script>alert("x")' not in page
    assert "Nothing of the kind was recorded" in nothing
    assert "cinder" not in everything.lower()
    assert company.client_of(company.grace).get("/o/fernweh/record/").status_code == 403
    assert company.client_of(company.mallory).get("/o/fernweh/record/").status_code == 404


def test_export_holds_the_hashes_and_no_formula_and_is_itself_recorded(company: Company) -> None:
    Organization.objects.filter(pk=company.organization.pk).update(name="=HYPERLINK(1)")
    client = company.client_of(company.ada)

    with behalf.acting(behalf.Behalf(is_system=True, actor=behalf.Actor("person", 1, "=cmd|' /C calc'!A0"))):
        Property.objects.filter(pk=company.shop.pk).update(name="x")
    text = b"".join(client.get("/o/fernweh/record.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]

    lines = list(csv.DictReader(io.StringIO(text)))
    assert lines[0]["subject"] == "compliance_record"
    assert "'=cmd|' /C calc'!A0" in {line["actor"] for line in lines}
    assert all(len(line["hash"]) == 64 for line in lines)
    assert not any(cell.startswith(("=", "+", "@")) for line in lines for cell in line.values())


def test_two_at_once_make_one_chain(transactional_db: None) -> None:
    from concurrent.futures import ThreadPoolExecutor

    company = make_company()

    def rename(number: int) -> None:
        Property.objects.filter(pk=company.shop.pk).update(name=f"Name {number}")
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(rename, range(40)))

    assert list(compliance.verify()) == []
