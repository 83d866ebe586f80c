"""What permission and scope cost a page, alone and among 10,000 organizations with 100,000 members."""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from apps.orgs import queries
from apps.orgs.models import Membership, Organization, Role
from apps.orgs.services import create_organization, create_property
from apps.shared import behalf
from apps.shared.behalf import Behalf
from apps.shared.local.layout import Layout, Ports
from benchmarks.rows import Row, row, seconds_of

ORGANIZATIONS, MEMBERS, LARGE = 10_000, 100_000, 5_000
PAGES = {"members": "/o/bench/members/", "record": "/o/bench/record/", "roles": "/o/bench/roles/", "home": "/?all=1",
         "settings": "/o/bench/p/shop/settings/", "goals": "/o/bench/p/shop/goals/"}  # fmt: skip
_FILL = f"""
    INSERT INTO orgs_user (email, password, first_name, last_name, is_staff, is_active, is_superuser, date_joined)
        SELECT 'person' || n || '@example.org', '!', '', '', false, true, false, now()
        FROM generate_series(1, {MEMBERS}) n;
    INSERT INTO orgs_organization (name, slug, created_at)
        SELECT 'Company ' || n, 'company-' || n, now() FROM generate_series(1, {ORGANIZATIONS}) n;
    INSERT INTO orgs_property (organization_id, name, slug, time_zone, currency, created_at)
        SELECT id, 'Shop', 'shop', 'UTC', 'EUR', now() FROM orgs_organization WHERE slug LIKE 'company-%';
    INSERT INTO orgs_membership (organization_id, user_id, role, property_ids, sources, countries, reason, created_at)
        SELECT o.id, u.id, 'viewer', '{{}}', '{{}}', '{{}}', '', now()
        FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM orgs_user WHERE email LIKE 'person%') u
        JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM orgs_organization WHERE slug LIKE 'company-%') o
            ON o.n = u.n % {ORGANIZATIONS};
    INSERT INTO orgs_membership (organization_id, user_id, role, property_ids, sources, countries, reason, created_at)
        SELECT (SELECT id FROM orgs_organization WHERE slug = 'bench'), id, 'viewer', '{{}}', '{{}}', '{{}}', '', now()
        FROM orgs_user WHERE email LIKE 'person%' ORDER BY id LIMIT {LARGE};
"""


def run() -> list[Row]:
    """Measure, fill, measure again."""
    behalf.serve_everybody()
    owner = get_user_model().objects.create_user("bench@example.org", "correct horse battery staple")
    organization = create_organization(name="Bench", slug="bench", owner=owner)
    create_property(organization=organization, name="Shop", slug="shop", time_zone="UTC", currency="EUR", made_by=owner)
    before = _measure(owner)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        for statement in _FILL.split(";"):
            if statement.strip():
                cursor.execute(statement)
        cursor.execute("SELECT count(*) FROM orgs_membership")
        members = cursor.fetchone()[0]
    _analyze()
    after = _measure(owner)
    note = f"{Organization.objects.count():,} organizations, {members:,} members, {LARGE:,} of them in this one"
    found = [row("words of row-level security, per statement", _words_cost() * 1e6, "us")]
    for name, seconds in after.items():
        asked = "< 2 ms" if name == "permission check and scope" else "no slower"
        found.append(row(f"{name}, small", before[name] * 1000, "ms"))
        found.append(row(f"{name}, large", seconds * 1000, "ms", asked, note))
    return found


def _analyze() -> None:
    """Let the planner know of the rows; autovacuum would within a minute."""
    port = urlsplit(os.environ["DATABASE_URL"]).port or 0
    layout = Layout.of(Path(os.environ["VAR_DIR"]), Ports(postgres=port))
    with psycopg.connect(layout.owner_environment()["DATABASE_URL"], autocommit=True) as one:
        one.execute("ANALYZE")


def _measure(owner: object) -> dict[str, float]:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(owner)  # type: ignore[arg-type]
    found = {"permission check and scope": seconds_of(_door(owner), times=300)[0]}
    for name, url in PAGES.items():
        if client.get(url).status_code != 200:
            raise RuntimeError(f"{url} does not answer.")
        found[f"page: {name}"] = seconds_of(lambda url=url: client.get(url), times=30)[0]  # type: ignore[misc]
    return found


def _door(owner: object) -> Callable[[], object]:
    """Return what the door does beside finding the property, which a page needs anyway."""
    organization_id = Membership.objects.get(user=owner, role=Role.OWNER).organization_id

    def ask() -> object:
        with behalf.acting(Behalf(person_id=owner.pk)):  # type: ignore[attr-defined]
            access = queries.access_of(owner, organization_id=organization_id)
            behalf.become(behalf.of_organization(organization_id))
            return access

    return ask


def _words_cost() -> float:
    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    spoken = seconds_of(ask, times=2000)[0]
    words = connection.execute_wrappers[:]
    connection.execute_wrappers.clear()
    silent = seconds_of(ask, times=2000)[0]
    connection.execute_wrappers[:] = words
    return spoken - silent
