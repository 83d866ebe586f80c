"""The two worlds that pages are measured in: one where each list fills its first page, and one of 10,000 organizations.

Filled by SQL as the owner, unrecorded: nobody adds 100,000 people in one transaction.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.contrib import admin
from django.contrib.sessions.backends.cached_db import SessionStore
from django.db.models import Model

from apps.shared.local.layout import Layout, Ports
from benchmarks.table_filler import fill_table


@dataclass(frozen=True, slots=True)
class World:
    """How much of each kind there is: in the one organization that is looked at, and beside it."""

    people: int
    organizations: int
    members: int  # of the one organization
    properties: int  # of the one organization
    guest_in: int  # organizations of the account that is in many
    invitations: int  # open ones of the one organization
    programs: int  # of the one organization
    entries: int  # of the one organization's record
    devices: int  # of its owner
    rows: int  # of every other table that the administration lists


SMALL = World(people=300, organizations=60, members=120, properties=10, guest_in=60, invitations=60, programs=60,
              entries=300, devices=30, rows=300)  # fmt: skip
LARGE = World(
    people=100_000, organizations=10_000, members=5_000, properties=10, guest_in=1_000, invitations=2_000,
    programs=1_000, entries=200_000, devices=300,
    rows=20_000,
)  # fmt: skip
# Filled by the words below; every other table of the administration by what its columns ask for.
_BY_HAND = {"orgs_user", "orgs_organization", "orgs_property", "orgs_membership", "orgs_customrole",
            "accounts_provisionedperson", "compliance_auditentry",
            "account_emailaddress", "usersessions_usersession"}  # fmt: skip
_WORDS = """
    INSERT INTO orgs_user (email, password, first_name, last_name, is_staff, is_active, is_superuser, date_joined)
        SELECT 'person' || n || '@example.org', '!', '', '', false, true, false, now()
        FROM generate_series(1, {people}) n
        ON CONFLICT DO NOTHING;
    INSERT INTO orgs_organization (name, slug, region, created_at)
        SELECT 'Company ' || n, 'company-' || n, '', now() FROM generate_series(1, {organizations}) n
        ON CONFLICT DO NOTHING;
    INSERT INTO orgs_property (organization_id, name, slug, time_zone, currency, region, created_at)
        SELECT id, 'Shop', 'shop', 'UTC', 'EUR', '', now() FROM orgs_organization WHERE slug LIKE 'company-%'
        ON CONFLICT DO NOTHING;
    INSERT INTO orgs_property (organization_id, name, slug, time_zone, currency, region, created_at)
        SELECT id, 'Site ' || n, 'site-' || n, 'UTC', 'EUR', '', now()
        FROM generate_series(1, {properties}) n, orgs_organization WHERE slug = 'bench' ON CONFLICT DO NOTHING;
    INSERT INTO orgs_customrole (organization_id, name, permissions, created_at)
        SELECT o.id, 'Role ' || n, '{{reports.read}}', now()
        FROM generate_series(1, 3) n, orgs_organization o ON CONFLICT DO NOTHING;
    INSERT INTO orgs_membership (organization_id, user_id, role, property_ids, sources, countries, reason, created_at)
        SELECT o.id, u.id, 'viewer', '{{}}', '{{}}', '{{}}', '', now()
        FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM orgs_user WHERE email LIKE 'person%') u
        JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM orgs_organization WHERE slug LIKE 'company-%') o
            ON o.n = u.n % {organizations} ON CONFLICT DO NOTHING;
    INSERT INTO orgs_membership (organization_id, user_id, role, property_ids, sources, countries, reason, created_at)
        SELECT o.id, u.id, 'viewer', '{{}}', '{{}}', '{{}}', '', now() FROM orgs_organization o,
            (SELECT id FROM orgs_user WHERE email LIKE 'person%' ORDER BY id LIMIT {members}) u
        WHERE o.slug = 'bench' ON CONFLICT DO NOTHING;
    INSERT INTO orgs_membership (organization_id, user_id, role, property_ids, sources, countries, reason, created_at)
        SELECT o.id, u.id, 'guest', '{{}}', '{{}}', '{{}}', '', now()
        FROM orgs_user u, (SELECT id FROM orgs_organization WHERE slug LIKE 'company-%' ORDER BY id LIMIT {guest_in}) o
        WHERE u.email = 'guest@example.org' ON CONFLICT DO NOTHING;
    INSERT INTO accounts_provisionedperson
        (id, organization_id, user_id, external_id, user_name, document, is_active, made_at, changed_at)
        SELECT gen_random_uuid(), o.id, u.id, 'e' || substr(email, 7, strpos(email, '@') - 7), email,
            jsonb_build_object('userName', email, 'emails', jsonb_build_array(jsonb_build_object('value', email))),
            true, now(), now()
        FROM orgs_organization o, (SELECT * FROM orgs_user WHERE email LIKE 'person%' ORDER BY id LIMIT {members}) u
        WHERE o.slug = 'bench' ON CONFLICT DO NOTHING;
    INSERT INTO account_emailaddress (user_id, email, verified, "primary")
        SELECT id, email, true, true FROM orgs_user WHERE email LIKE 'person%' ON CONFLICT DO NOTHING;
    INSERT INTO usersessions_usersession (user_id, created_at, ip, last_seen_at, session_key, user_agent, data)
        SELECT id, now(), '192.0.2.1', now(), 'session-' || id, 'Firefox', '{{}}'
        FROM orgs_user WHERE email LIKE 'person%' ON CONFLICT DO NOTHING;
    INSERT INTO usersessions_usersession (user_id, created_at, ip, last_seen_at, session_key, user_agent, data)
        SELECT id, now(), '192.0.2.1', now(), 'device-' || n, 'Firefox', '{{}}'
        FROM generate_series(1, {devices}) n, orgs_user WHERE email = 'bench@example.org' ON CONFLICT DO NOTHING;
    INSERT INTO django_session (session_key, session_data, expire_date)
        SELECT session_key, '{nothing}', now() + interval '1 day' FROM usersessions_usersession ON CONFLICT DO NOTHING;
    INSERT INTO orgs_invitation
        (organization_id, email, secret_hash, made_at, expires_at, role, property_ids, sources, countries)
        SELECT id, 'invited' || n || '@example.org', 'invited' || n, now(), now() + interval '1 day', 'viewer',
            '{{}}', '{{}}', '{{}}' FROM generate_series(1, {invitations}) n, orgs_organization WHERE slug = 'bench'
        ON CONFLICT DO NOTHING;
    INSERT INTO orgs_serviceaccount
        (organization_id, name, is_active, role, property_ids, sources, countries, created_at)
        SELECT id, 'Program ' || n, true, 'viewer', '{{}}', '{{}}', '{{}}', now()
        FROM generate_series(1, {programs}) n, orgs_organization WHERE slug = 'bench' ON CONFLICT DO NOTHING;
    INSERT INTO compliance_auditentry
        (organization_id, chain, number, at, actor_kind, actor_name, address, request_id, action, subject, subject_id,
         before, after, previous, hash)
        SELECT id, id, 100000 + n, now(), 'person',
            'person' || 1 + n % {members} || '@example.org', '192.0.2.1', '', 'update',
            'orgs_property', n::text, '{{"name": "Shop"}}', '{{"name": "New"}}', '', repeat('0', 64)
        FROM generate_series(1, {entries}) n, orgs_organization WHERE slug = 'bench' ON CONFLICT DO NOTHING
"""


def fill(world: World) -> None:
    """Add what is missing to be *world*, then tell the planner."""
    port = urlsplit(os.environ["DATABASE_URL"]).port or 0
    layout = Layout.of(Path(os.environ["VAR_DIR"]), Ports(postgres=port))
    models = _parents_first([model for model in admin.site._registry if grows(model) and not model._meta.proxy])
    with psycopg.connect(layout.owner_environment()["DATABASE_URL"]) as one:
        one.execute("SET tributary.system = 'on'")
        tables = {model._meta.db_table for model in models}
        kept = [table for table in tables | _BY_HAND if not table.startswith("django_")]
        for table in kept:
            one.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        counts = {name: getattr(world, name) for name in World.__slots__}
        for statement in _WORDS.format(**counts, nothing=SessionStore().encode({})).split(";\n"):
            one.execute(statement)
        for model in models:
            if model._meta.db_table not in _BY_HAND:
                fill_table(one, model, rows=world.rows)
        one.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in kept:
            one.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        one.execute("ANALYZE")


def grows(model: type[Model]) -> bool:
    """Tell whether there are more of a model where there are more organizations: schedules are the installation's."""
    return model._meta.app_label not in ("django_celery_beat", "auth")


def _parents_first(models: list[type[Model]]) -> list[type[Model]]:
    """Return *models*, each behind those that it refers to."""
    found: list[type[Model]] = []

    def add(model: type[Model]) -> None:
        for field in model._meta.concrete_fields:
            if field.related_model in models and field.related_model is not model:
                add(field.related_model)
        if model not in found:
            found.append(model)

    for model in models:
        add(model)
    return found
