"""What permission and scope cost a page, alone and among 10,000 organizations with 100,000 members."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from apps.accounts.services.tokens import make_token
from apps.orgs import queries
from apps.orgs.models import Membership, Organization, Role
from apps.orgs.services import create_organization, create_property
from apps.shared import behalf
from apps.shared.behalf import Behalf
from apps.shared.local.layout import Layout, Ports
from benchmarks.rows import Row, row

Cost = tuple[float, float]  # seconds: of the processor, by the clock
ORGANIZATIONS, MEMBERS, LARGE = 10_000, 100_000, 5_000
ENTRIES, SESSIONS = 200_000, 100_000
PAGES = {"members": "/o/bench/members/", "members, searched": "/o/bench/members/?q=person42",
         "members, last page": "/o/bench/members/?page=100", "record": "/o/bench/record/",
         "record, searched": "/o/bench/record/?q=person42&subject=orgs_property", "keeping": "/o/bench/record/keeping/",
         "delivery": "/o/bench/record/delivery/", "roles": "/o/bench/roles/", "programs": "/o/bench/programs/",
         "home": "/?all=1", "settings": "/o/bench/p/shop/settings/", "goals": "/o/bench/p/shop/goals/",
         "sign-in settings": "/o/bench/sign-in/", "sessions": "/accounts/sessions/"}  # fmt: skip
_FILLED = ("orgs_user", "orgs_organization", "orgs_property", "orgs_membership", "accounts_provisionedperson")
OPERATOR = {"organizations": "/admin/orgs/organization/", "organizations, searched": "/admin/orgs/organization/?q=42",
            "people": "/admin/orgs/user/", "people, searched": "/admin/orgs/user/?q=person42",
            "support": "/admin/orgs/supportaccess/", "record": "/admin/compliance/auditentry/",
            "mail": "/admin/shared/mail/", "domains": "/admin/accounts/domain/"}  # fmt: skip
DIRECTORY = {"people": "/scim/v2/Users?count=100", "people, from the end": "/scim/v2/Users?startIndex=4900&count=100",
             "one by name": "/scim/v2/Users?filter=userName%20eq%20%22person42@example.org%22",
             "one by external id": "/scim/v2/Users?filter=externalId%20eq%20%22e42%22"}  # fmt: skip
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
        SELECT (SELECT id FROM orgs_organization WHERE slug = 'bench'), orgs_user.id, 'viewer',
            '{{}}', '{{}}', '{{}}', '', now()
        FROM orgs_user WHERE email LIKE 'person%' ORDER BY orgs_user.id LIMIT {LARGE};
    INSERT INTO accounts_provisionedperson
        (id, organization_id, user_id, external_id, user_name, document, is_active, made_at, changed_at)
        SELECT gen_random_uuid(), (SELECT id FROM orgs_organization WHERE slug = 'bench'), id,
            'e' || substr(email, 7, strpos(email, '@') - 7), email,
            jsonb_build_object('userName', email, 'emails', jsonb_build_array(jsonb_build_object('value', email))),
            true, now(), now()
        FROM orgs_user WHERE email LIKE 'person%' ORDER BY orgs_user.id LIMIT {LARGE};
    INSERT INTO usersessions_usersession (user_id, created_at, ip, last_seen_at, session_key, user_agent, data)
        SELECT id, now(), '192.0.2.1', now(), 'session-' || id, 'Firefox', '{{}}'
        FROM orgs_user WHERE email LIKE 'person%' LIMIT {SESSIONS};
    INSERT INTO compliance_auditentry
        (organization_id, chain, number, at, actor_kind, actor_name, address, request_id, action, subject, subject_id,
         before, after, previous, hash)
        SELECT id, id, 100 + n, now(), 'person', 'person' || n || '@example.org', '192.0.2.1', '', 'update',
            'orgs_property', n::text, '{{"name": "Shop"}}', '{{"name": "New"}}', '', repeat('0', 64)
        FROM generate_series(1, {ENTRIES}) n, orgs_organization WHERE slug = 'bench';
"""


def run() -> list[Row]:
    """Measure, fill, measure again."""
    behalf.serve_everybody()
    owner = get_user_model().objects.create_user("bench@example.org", "correct horse battery staple")
    organization = create_organization(name="Bench", slug="bench", owner=owner)
    create_property(organization=organization, name="Shop", slug="shop", time_zone="UTC", currency="EUR", made_by=owner)
    operator = get_user_model().objects.create_superuser("operator@example.org", "correct horse battery staple")
    token = make_token(organization=organization, made_by=owner)[1]
    before = _measure(owner, operator, token)
    _fill()
    members = Membership.objects.count()
    after = _measure(owner, operator, token)
    note = f"{Organization.objects.count():,} organizations, {members:,} members, {LARGE:,} of them in this one"
    found = [row("words of row-level security, per statement", _words_cost() * 1e6, "us")]
    for name, (seconds, clock) in after.items():
        asked = "< 2 ms" if name == "permission check and scope" else "no slower"
        found.append(row(f"{name}, small", before[name][0] * 1000, "ms"))
        load = f"{clock * 1000:.1f} ms by the clock, load {os.getloadavg()[0]:.1f}"
        found.append(row(f"{name}, large", seconds * 1000, "ms", asked, f"{load}; {note}"))
    return found


def _fill() -> None:
    """Add the others as the owner, unrecorded: nobody adds 100,000 people in one transaction; then tell the planner."""
    port = urlsplit(os.environ["DATABASE_URL"]).port or 0
    layout = Layout.of(Path(os.environ["VAR_DIR"]), Ports(postgres=port))
    with psycopg.connect(layout.owner_environment()["DATABASE_URL"], autocommit=True) as one:
        one.execute("SET tributary.system = 'on'")
        for table in (
            "orgs_user",
            "orgs_organization",
            "orgs_property",
            "orgs_membership",
            "accounts_provisionedperson",
        ):
            one.execute(f"ALTER TABLE {table} DISABLE TRIGGER record")
        one.execute("ALTER TABLE compliance_auditentry DISABLE TRIGGER USER")
        for statement in _FILL.split(";"):
            if statement.strip():
                one.execute(statement)
        one.execute("ALTER TABLE compliance_auditentry ENABLE TRIGGER USER")
        one.execute("ANALYZE")


def _measure(owner: Any, operator: Any, token: str) -> dict[str, Cost]:
    """Return processor time and time by the clock of the door and of every page."""
    found = {"permission check and scope": _cost_of(_door(owner), times=400)}
    clients = {"page": _client_of(owner), "operator": _client_of(operator)}
    clients["directory"] = Client(HTTP_HOST="127.0.0.1", headers={"Authorization": f"Bearer {token}"})
    for kind, addresses in (("page", PAGES), ("operator", OPERATOR), ("directory", DIRECTORY)):
        for name, url in addresses.items():
            client = clients[kind]
            if (answer := client.get(url)).status_code != 200:
                raise RuntimeError(f"{url} answers {answer.status_code}.")
            cost = _cost_of(lambda url=url, client=client: client.get(url), times=15)  # type: ignore[misc]
            found[f"{kind}: {name}"] = cost
    return found


def _client_of(user: Any) -> Client:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user)
    return client


def _door(owner: object) -> Callable[[], object]:
    """Return what the door does beside finding the property, which a page needs anyway."""
    organization_id = Membership.objects.get(user=owner, role=Role.OWNER).organization_id

    def ask() -> object:
        with behalf.acting(Behalf(person_id=owner.pk)):  # type: ignore[attr-defined]
            access = queries.access_of(owner, organization_id=organization_id)
            behalf.become(behalf.of_organization(organization_id))
            return access

    return ask


def _cost_of(work: Callable[[], object], *, times: int) -> Cost:
    """Return the processor time of one call, ours and PostgreSQL's, which others do not disturb; and the clock's."""
    work()
    began, clock = time.process_time() + _backend_seconds(), time.perf_counter()
    for _ in range(times):
        work()
    return (time.process_time() + _backend_seconds() - began) / times, (time.perf_counter() - clock) / times


def _backend_seconds() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        fields = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _words_cost() -> float:
    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    spoken = _cost_of(ask, times=5000)[0]
    words = connection.execute_wrappers[:]
    connection.execute_wrappers.clear()
    silent = _cost_of(ask, times=5000)[0]
    connection.execute_wrappers[:] = words
    return spoken - silent
