"""The record is pruned by policy alone, and stays provable: PostgreSQL lets nobody prune more, or sooner."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from apps.compliance import services as compliance
from apps.compliance.models import AuditEntry, AuditRetention, AuditSeal
from apps.orgs.models import Membership, Property, Role
from apps.shared import behalf
from apps.shared.local import postgres
from tests import plugin
from tests.factories.company import Company, make_company

OFF = "ALTER TABLE compliance_auditentry DISABLE TRIGGER ALL; ALTER TABLE compliance_auditchain DISABLE TRIGGER ALL;"
# Moves the first entries of a chain into the past as if they had been written then, hashes and all.
AGE = """
DO $$ DECLARE e compliance_auditentry; before text := ''; BEGIN
    FOR e IN SELECT * FROM compliance_auditentry WHERE chain = {chain} ORDER BY number LOOP
        IF e.number <= {count} THEN e.at := e.at - interval '{age}'; END IF;
        e.previous := before; e.hash := audit_hash(e); before := e.hash;
        UPDATE compliance_auditentry SET at = e.at, previous = e.previous, hash = e.hash WHERE id = e.id;
    END LOOP;
    UPDATE compliance_auditchain SET hash = before WHERE chain = {chain};
END $$
"""
Age = Callable[..., None]


@pytest.fixture
def owner_sql(transactional_db: None, stores: Any) -> Callable[[str], str]:
    """Run SQL as who owns the database, with the triggers off."""

    def run(statement: str) -> str:
        whole = f"{OFF} {statement}; {OFF.replace('DISABLE', 'ENABLE')}"
        return postgres.psql(stores, whole, database=plugin.corner())

    return run


@pytest.fixture
def old(owner_sql: Callable[[str], str]) -> tuple[Company, Age]:
    """Return a company, and what makes the first entries of its record old."""
    company = make_company()
    for number in range(8):
        Property.objects.filter(pk=company.shop.pk).update(name=f"Shop {number}")

    def age(count: int, span: str = "3 years") -> None:
        owner_sql(AGE.format(chain=company.organization.pk, count=count, age=span))

    return company, age


def numbers(company: Company) -> list[int]:
    rows = AuditEntry.objects.filter(chain=company.organization.pk).order_by("number")
    return list(rows.values_list("number", flat=True))


def test_prunes_what_is_older_and_verifies_what_remains(old: tuple[Company, Age]) -> None:
    company, age = old
    organization_id = company.organization.pk
    age(5)
    assert list(compliance.verify()) == []
    last_hash = AuditEntry.objects.get(chain=organization_id, number=5).hash
    compliance.change_retention(organization_id=organization_id, years=2)

    assert compliance.prune(organization_id) == 5
    assert compliance.prune(organization_id) == 0

    seal = AuditSeal.objects.get()
    assert (seal.first, seal.last, seal.hash, seal.years) == (1, 5, last_hash, 2)
    assert numbers(company)[0] == 6
    assert list(compliance.verify()) == []
    words = io.StringIO()
    call_command("verify_audit", stdout=words)
    assert f"chain {organization_id}: entries 1 to 5" in words.getvalue()
    assert "kept for 2 years" in words.getvalue()
    said = AuditEntry.objects.get(subject="compliance_auditseal")
    assert said.after is not None
    assert (said.action, said.after["last"], said.after["years"]) == ("insert", 5, 2)


def test_second_pruning_goes_on_from_the_first(old: tuple[Company, Age], owner_sql: Callable[[str], str]) -> None:
    company, age = old
    age(3)
    compliance.change_retention(organization_id=company.organization.pk, years=1)
    compliance.prune(company.organization.pk)
    owner_sql(
        AGE.format(chain=company.organization.pk, count=6, age="2 years").replace(
            "before text := ''", f"before text := '{AuditSeal.objects.get().hash}'"
        )
    )
    assert list(compliance.verify()) == []

    assert compliance.prune(company.organization.pk) == 3
    assert [(seal.first, seal.last) for seal in AuditSeal.objects.order_by("pk")] == [(1, 3), (4, 6)]
    assert list(compliance.verify()) == []


@pytest.mark.parametrize("years", [0, 11, -1])
def test_no_policy_is_shorter_than_a_year_or_longer_than_ten(company: Company, years: int) -> None:
    with pytest.raises(ValidationError):
        compliance.change_retention(organization_id=company.organization.pk, years=years)
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditRetention.objects.create(organization_id=company.organization.pk, years=years)


def test_without_a_policy_nothing_can_be_pruned(old: tuple[Company, Age]) -> None:
    company, age = old
    age(5, "30 years")

    assert compliance.prune_all() == 0
    with pytest.raises(DatabaseError, match="kept for ever"):
        AuditSeal.objects.create(organization_id=company.organization.pk)


def test_a_seal_cannot_be_made_to_say_more_than_the_policy(old: tuple[Company, Age]) -> None:
    company, age = old
    age(2)
    compliance.change_retention(organization_id=company.organization.pk, years=1)

    AuditSeal.objects.create(organization_id=company.organization.pk, last=9, hash="x", years=0)

    assert AuditSeal.objects.get().last == 2
    for words in ("number = 3", "true"):
        with pytest.raises(DatabaseError, match="not changed"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM compliance_auditentry WHERE {words}")
    for words in ("UPDATE compliance_auditseal SET last = 9", "DELETE FROM compliance_auditseal"):
        with pytest.raises(DatabaseError, match="not changed"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(words)


@pytest.mark.parametrize(
    ("tampering", "words"),
    [
        ("DELETE FROM compliance_auditentry WHERE number = 7", "entry 7 is missing"),
        ("DELETE FROM compliance_auditentry WHERE number = 6", "entry 6 is missing"),
        ("ALTER TABLE compliance_auditseal DISABLE TRIGGER ALL; UPDATE compliance_auditseal SET hash = repeat('0', 64)",
         "entry 6 does not follow"),
        ("ALTER TABLE compliance_auditseal DISABLE TRIGGER ALL; DELETE FROM compliance_auditseal",
         "entry 1 is missing"),
        ("ALTER TABLE compliance_auditseal DISABLE TRIGGER ALL; DELETE FROM compliance_auditentry WHERE number = 6; "
         "UPDATE compliance_auditseal SET last = 6", "no entry says"),
    ],
)  # fmt: skip
def test_pruning_by_the_owner_of_the_database_is_found(
    old: tuple[Company, Age], owner_sql: Callable[[str], str], tampering: str, words: str
) -> None:
    company, age = old
    age(5)
    compliance.change_retention(organization_id=company.organization.pk, years=1)
    compliance.prune(company.organization.pk)
    assert list(compliance.verify()) == []

    owner_sql(f"{tampering}; ALTER TABLE compliance_auditseal ENABLE TRIGGER ALL")

    assert words in "\n".join(compliance.verify())


def test_one_organization_prunes_nothing_of_another(old: tuple[Company, Age]) -> None:
    company, age = old
    age(5)
    compliance.change_retention(organization_id=company.organization.pk, years=1)

    with behalf.acting(behalf.of_organization(company.theirs.organization_id)):
        with pytest.raises(DatabaseError), transaction.atomic():
            AuditSeal.objects.create(organization_id=company.organization.pk)
        assert AuditEntry.objects.filter(chain=company.organization.pk).delete()[0] == 0
    with behalf.acting(behalf.of_organization(company.organization.pk)):
        AuditSeal.objects.create(organization_id=company.organization.pk)
        assert AuditEntry.objects.filter(number__lte=5).delete()[0] == 0, "only the system prunes"
    assert numbers(company)[0] == 1


def test_page_changes_the_policy_and_says_so_in_the_record(company: Company) -> None:
    ada = company.client_of(company.ada)
    refused = ada.post("/o/fernweh/record/keeping/", {"years": "0"})
    assert refused.status_code == 422
    assert "field__error" in refused.content.decode()

    assert ada.post("/o/fernweh/record/keeping/", {"years": "3"}, follow=True).status_code == 200
    entry = AuditEntry.objects.filter(subject="compliance_auditretention").first()
    assert entry is not None
    assert (entry.actor_name, entry.after["years"]) == ("ada@example.org", 3)
    assert '<option value="3" selected>' in ada.get("/o/fernweh/record/keeping/").content.decode()
    ada.post("/o/fernweh/record/keeping/", {"years": ""})
    assert not AuditRetention.objects.exists()
    Membership.objects.filter(user=company.grace).update(role=Role.VIEWER)
    assert company.client_of(company.grace).post("/o/fernweh/record/keeping/", {"years": "1"}).status_code == 403
