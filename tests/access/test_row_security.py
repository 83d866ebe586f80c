"""PostgreSQL keeps organizations apart below the code (R5): in the catalogue, by raw SQL, through the ORM."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.apps import apps
from django.db import InternalError, ProgrammingError, connection, transaction

from apps.orgs import queries
from apps.orgs.models import Membership, Organization, Property, PropertySettings, Stream
from apps.shared import behalf
from apps.shared.behalf import Actor, Behalf, Limits
from apps.shared.local import postgres
from apps.shared.row_security import _words
from tests.factories.company import Company

# What belongs to no organization, and why the door does not need a policy there.
COMMON = {
    "ingestion_insertturn": "whose turn it is to insert into ClickHouse",
    "compliance_auditchain": "lengths and hashes, nothing that anybody did",
    "account_emailaddress": "a person's, who may be in several organizations",
    "account_emailconfirmation": "a person's",
    "auth_group": "unused by the product",
    "auth_group_permissions": "unused by the product",
    "auth_permission": "names of Django's own permissions",
    "django_admin_log": "operators' own actions",
    "django_celery_beat_clockedschedule": "schedules of the installation",
    "django_celery_beat_crontabschedule": "schedules of the installation",
    "django_celery_beat_intervalschedule": "schedules of the installation",
    "django_celery_beat_periodictask": "schedules of the installation",
    "django_celery_beat_periodictasks": "schedules of the installation",
    "django_celery_beat_solarschedule": "schedules of the installation",
    "django_content_type": "names of tables",
    "django_migrations": "names of migrations",
    "mfa_authenticator": "second factors of people: asked before anybody is known, their secrets encrypted",
    "shared_mail": "mail to people, bodies encrypted until sent",
    "socialaccount_socialaccount": "whom a provider knows: signing in asks before anybody is known",
    "socialaccount_socialapp": "unused by the product: providers are those of organizations",
    "socialaccount_socialtoken": "unused by the product: no token is kept",
    "usersessions_usersession": "sessions of people, listed to themselves alone",
    "django_session": "found by a random key alone",
    "orgs_user": "people: signing in asks before anybody is known",
    "orgs_user_groups": "unused by the product",
    "orgs_user_user_permissions": "unused by the product",
}
# Everything else that the project keeps in PostgreSQL: a new model is one of these until it stands above.
TENANT = sorted(
    {
        model._meta.db_table
        for model in apps.get_models()
        if model.__module__.startswith("apps.") and not model.__module__.endswith(".facts")
    }
    - set(COMMON)
)


@pytest.fixture
def as_ada(company: Company) -> Iterator[Company]:
    """Act for Ada."""
    with behalf.acting(Behalf(person_id=company.ada.pk)):
        yield company


def rows(sql: str, *parameters: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def test_every_table_has_a_forced_policy_or_a_reason(db: None) -> None:
    found = rows(
        "SELECT relname, relrowsecurity AND relforcerowsecurity, "
        "EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = pg_class.oid) "
        "FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )

    unprotected = {name for name, is_forced, has_policy in found if not (is_forced and has_policy)}
    assert unprotected == set(COMMON), "a new table needs protect() in a migration, or its reason here"


def test_role_of_the_product_can_pass_no_policy(db: None) -> None:
    assert rows(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, "
        "(SELECT count(*) FROM pg_class WHERE relowner = pg_roles.oid) FROM pg_roles WHERE rolname = current_user"
    ) == [(False, False, False, False, 0)]


def test_unspoken_connection_sees_nothing(company: Company, raw: psycopg.Connection) -> None:
    tables = [model._meta.db_table for model in apps.get_models() if model._meta.db_table in TENANT]

    assert {raw.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables} == {(0,)}


@pytest.mark.parametrize(
    "statement",
    ["ALTER TABLE orgs_property DISABLE ROW LEVEL SECURITY", "DROP POLICY tenancy ON orgs_property",
     "SET ROLE tributary", "ALTER ROLE tributary_app BYPASSRLS"],
)  # fmt: skip
def test_product_cannot_take_its_own_chains_off(stores: object, raw: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.Error) as refusal:
        raw.execute(statement)
    assert refusal.value.sqlstate == "42501"


def test_product_is_not_granted_what_asks_no_policy() -> None:
    """Only the databases of tests grant TRUNCATE, so that they can be emptied."""
    assert not {"TRUNCATE", "REFERENCES", "TRIGGER", "ALL"} & set(
        " ".join(postgres._GRANTS).replace(",", " ").split()
    ) - {"ALL"}


def test_person_sees_their_organizations_alone(as_ada: Company) -> None:
    assert list(Organization.objects.values_list("slug", flat=True)) == ["fernweh"]
    assert list(Property.objects.values_list("pk", flat=True)) == [as_ada.shop.pk]
    assert {row.property_id for row in Stream.objects.all()} == {as_ada.shop.pk}
    assert {row.property_id for row in PropertySettings.objects.all()} == {as_ada.shop.pk}
    assert {row.organization_id for row in Membership.objects.all()} == {as_ada.organization.pk}


def test_organization_is_all_that_is_seen_once_a_page_is_about_it(company: Company) -> None:
    Membership.objects.create(organization=company.theirs.organization, user=company.ada)

    with behalf.acting(Behalf(person_id=company.ada.pk)):
        both = Property.objects.count()
        behalf.become(behalf.of_organization(company.organization.pk))
        one = Property.objects.count()

    assert (both, one) == (2, 1)


def test_foreign_rows_cannot_be_written(as_ada: Company) -> None:
    foreign = as_ada.theirs.pk
    with pytest.raises(ProgrammingError), transaction.atomic():
        Stream.objects.create(property_id=foreign, kind="web", name="ours now")
    with pytest.raises(ProgrammingError), transaction.atomic():
        Property.objects.create(organization_id=as_ada.theirs.organization_id, name="X", slug="x")

    assert Property.objects.filter(pk=foreign).update(name="ours now") == 0
    assert Stream.objects.filter(property_id=foreign).delete() == (0, {})


def test_own_rows_cannot_be_moved_to_others(as_ada: Company) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        Property.objects.filter(pk=as_ada.shop.pk).update(organization_id=as_ada.theirs.organization_id)


def test_raw_sql_and_joins_meet_the_same_wall(as_ada: Company) -> None:
    assert rows("SELECT slug FROM orgs_organization") == [("fernweh",)]
    assert rows(
        "WITH all_of_them AS (SELECT * FROM orgs_property) SELECT count(*) FROM all_of_them "
        "JOIN orgs_organization ON orgs_organization.id = organization_id WHERE orgs_organization.name LIKE '%%'"
    ) == [(1,)]
    assert rows("SELECT 100 %% 7, '%%', %s", "50% o'clock") == [(2, "%", "50% o'clock")]


def test_nothing_is_left_on_the_connection(company: Company) -> None:
    """Safe with a pool: the words hold for the transaction of their statement."""
    with behalf.acting(Behalf(person_id=company.ada.pk)):
        Property.objects.count()
    with connection.cursor() as cursor:
        cursor.cursor.execute("SELECT current_setting('tributary.person', true)")
        in_a_test_transaction = cursor.cursor.fetchone()

    with behalf.acting(behalf.NOBODY):
        assert Property.objects.count() == 0
    assert in_a_test_transaction[0] in ("", None, str(company.ada.pk))


@pytest.mark.django_db(transaction=True)
def test_threads_that_share_a_pool_never_see_each_others_rows(stores: object) -> None:
    from tests.factories.company import make_company

    company = make_company()
    seen: dict[str, set[int]] = {"ada": set(), "mallory": set(), "": set()}
    lock = threading.Lock()

    def look(name: str) -> None:
        whose = Behalf(person_id=getattr(company, name).pk) if name else behalf.NOBODY
        with behalf.acting(whose):
            for _round in range(20):
                found = set(Property.objects.values_list("pk", flat=True))
                with connection.cursor() as cursor:  # outside a transaction, what the next borrower would find
                    cursor.cursor.execute("SELECT current_setting('tributary.person', true)")
                    assert cursor.cursor.fetchone()[0] in ("", None)
                with lock:
                    seen[name] |= found
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look, ["ada", "mallory", ""] * 8))

    assert seen == {"ada": {company.shop.pk}, "mallory": {company.theirs.pk}, "": set()}


def test_names_in_the_words_cannot_break_out_of_them(company: Company) -> None:
    nasty = "o'; DROP TABLE orgs_property; -- \\' %s %(x)s \0"
    with behalf.acting(Behalf(person_id=company.ada.pk, actor=Actor(kind="person", name=nasty))):
        assert rows("SELECT current_setting('tributary.actor')::jsonb ->> 'name'") == [(nasty.replace("\0", ""),)]
        assert Property.objects.filter(name__contains="o").count() == 1


def test_words_are_the_same_for_limits(company: Company) -> None:
    """Limits are kept by the runner of ClickHouse: PostgreSQL is told of the organization alone."""
    limited = Behalf(organization_id=1, limits=Limits(sources=("x",)))

    assert _words(limited) == _words(Behalf(organization_id=1))


def test_outsiders_property_does_not_exist_even_without_a_filter(company: Company) -> None:
    with behalf.acting(Behalf(person_id=company.mallory.pk)):
        with pytest.raises(Property.DoesNotExist):
            queries.property_by_id(company.shop.pk)
        assert queries.find_property(organization="fernweh", slug="shop") is None


def test_statement_that_changes_tables_gets_no_words(company: Company) -> None:
    with pytest.raises((ProgrammingError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orgs_property ADD COLUMN x int")
