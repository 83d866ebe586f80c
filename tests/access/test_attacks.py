"""Attacks, each tried: forged fields, foreign ids, planted sessions, open redirects, script and formulas in data."""

import csv
import io
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client

from apps.attribution import api as attribution
from apps.ingestion import api as ingestion
from apps.ingestion.models import Link
from apps.orgs import services
from apps.orgs.models import Membership, Organization, Property
from apps.reports.views.exports import TABLES
from tests.access import routes
from tests.access.test_r5 import Everything, pages
from tests.factories.company import PASSWORD, Company
from tests.reports.conftest import build, event, sale, store, world  # noqa: F401  a fixture

EVIL = ("https://evil.example/", "//evil.example/", "/\\evil.example/", "https:evil.example", "javascript:alert(1)",
        "http://testserver@evil.example/", "\thttps://evil.example/")  # fmt: skip
SCRIPT = "</script><script>alert(1)</script><img src=x onerror=alert(2)>'\"`{{7*7}}{% now 'Y' %}"
FORMULAS = ('=HYPERLINK("https://evil.example")', "+1+cmd|' /C calc'!A0", "@SUM(1)", "-2+3", "\t=1+1", "＝1+1")


class Dangerous(HTMLParser):
    """Finds what a browser would run: scripts with a text, handlers, addresses with a script."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._script_kind: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._script_kind = (given.get("type") or "text/javascript") if tag == "script" and "src" not in given else None
        self.found += [f"{tag} {name}" for name in given if name.startswith("on")]
        self.found += [
            f"{tag} {value}" for value in given.values() if (value or "").strip().lower().startswith("javascript:")
        ]

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script_kind = None

    def handle_data(self, data: str) -> None:
        if self._script_kind and self._script_kind != "application/json" and data.strip():
            self.found.append(f"script {data[:40]}")


@pytest.fixture
def hostile(world: Company) -> Everything:  # noqa: F811
    """Script and formulas wherever a name can be chosen, from outside and inside."""
    shop, noon = world.shop.pk, (datetime.now(UTC) - timedelta(days=1)).replace(hour=9, minute=0, microsecond=0)
    rows = []
    for number, word in enumerate([SCRIPT, *FORMULAS]):
        who = f"h{number}"
        named = dict.fromkeys(("channel", "source", "medium", "campaign"), word)
        rows.append(
            event(shop, f"visit-h{number}", noon - timedelta(hours=1), anonymous_id=who, has_source=True, **named)
        )
        rows.append(sale(shop, 100 + number, noon, anonymous_id=who, order_id=word, name="Order Completed"))
    rows.append(
        event(shop, SCRIPT, noon, anonymous_id=SCRIPT, name=SCRIPT, page_path=SCRIPT, properties=f'{{"x": "{number}"}}')
    )
    store(rows)
    build(world.shop)
    everything = Everything(world)
    Organization.objects.filter(pk=world.organization.pk).update(name=SCRIPT[:120])
    Property.objects.filter(pk=shop).update(name=SCRIPT[:120])
    Link.objects.update(name=SCRIPT[:120], campaign=SCRIPT[:120], source=SCRIPT[:120])
    return everything


def test_script_in_names_is_never_run_on_any_page(hostile: Everything) -> None:
    owner, bad = hostile.clients["owner"], []
    asked = [f"?by=campaign&source={SCRIPT}", f"?message_id={SCRIPT}&q={SCRIPT}&name={SCRIPT}&method=linear"]
    for route, scope, _needs in pages():
        for query in ["", *(asked if scope == "property" and "<int:" not in route else [])]:
            answer = owner.get(hostile.address(route, conversion_id="sale-100") + query)
            if "html" not in answer.headers.get("Content-Type", ""):
                continue
            reader = Dangerous()
            reader.feed(answer.content.decode())
            bad += [(route, query, one) for one in reader.found]
    assert bad == []


def test_no_exported_cell_is_a_formula(hostile: Everything) -> None:
    owner = hostile.clients["owner"]
    for table in TABLES:
        for by in ("channel", "source", "campaign", "medium"):
            url = hostile.address("o/<slug:organization>/p/<slug:property>/tables/<slug:table>.csv", table=table)
            text = b"".join(owner.get(f"{url}?by={by}&method=linear").streaming_content).decode("utf-8-sig")
            cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
            bad = [cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "@", "\t", "＝"))]
            bad += [cell for cell in cells if cell.startswith("-") and not re.fullmatch(r"-[\d.]+(e-?\d+)?", cell)]
            assert bad == [], (table, by)


def test_sign_in_gives_the_session_another_key(company: Company) -> None:
    """Session fixation: a key that somebody planted before is worth nothing after."""
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "yes"
    session.save()
    client.cookies[project.SESSION_COOKIE_NAME] = before = session.session_key or ""

    client.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})

    after = client.cookies[project.SESSION_COOKIE_NAME].value
    attacker = Client()
    attacker.cookies[project.SESSION_COOKIE_NAME] = before
    assert after != before
    assert client.get("/o/fernweh/").status_code == 200
    assert attacker.get("/o/fernweh/").status_code == 302


def test_session_ends_with_signing_out(company: Company) -> None:
    client = company.client_of(company.ada)
    stolen = Client()
    stolen.cookies[project.SESSION_COOKIE_NAME] = client.cookies[project.SESSION_COOKIE_NAME].value
    assert stolen.get("/o/fernweh/").status_code == 200

    client.post("/accounts/logout/")

    assert stolen.get("/o/fernweh/").status_code == 302


@pytest.mark.parametrize("target", EVIL)
def test_nobody_is_sent_elsewhere(company: Company, target: str) -> None:
    login = {"login": "ada@example.org", "password": PASSWORD, "next": target}
    answers = [
        Client().post("/accounts/login/", login),
        Client().post("/preferences/theme/", {"theme": "dark", "next": target}),
        Client().post("/i18n/setlang/", {"language": "ru", "next": target}),
        company.client_of(company.ada).get("/accounts/login/", {"next": target}),
    ]

    for answer in answers:
        assert answer.status_code in {200, 204, 302}
        assert "evil" not in answer.get("Location", "")
        assert not answer.get("Location", "/").lower().strip().startswith("javascript:")


def test_forged_fields_change_nothing_that_is_not_asked_for(company: Company) -> None:
    """Mass assignment: what a form does not show, it does not take."""
    client, row = company.client_of(company.ada), Membership.objects.get(user=company.grace)
    forged = {
        "organization": company.theirs.organization_id,
        "user": company.mallory.pk,
        "id": 1,
        "ends_at": "2020-01-01",
    }

    client.post(f"/o/fernweh/members/{row.pk}/", {"role": "viewer", **forged})
    client.post("/o/fernweh/", {"name": "New name", "slug": "stolen", "deletes_at": "2020-01-01", **forged})
    client.post(
        "/o/fernweh/p/shop/links/new/",
        {"name": "l", "destination": "https://example.org/", "source": "s", "property": company.theirs.pk,
         "property_id": company.theirs.pk, "made_by": company.mallory.pk},
    )  # fmt: skip

    row.refresh_from_db()
    organization = Organization.objects.get(pk=company.organization.pk)
    link = Link.objects.get()
    assert (row.role, row.user, row.organization_id, row.ends_at) == ("viewer", company.grace, organization.pk, None)
    assert (organization.name, organization.slug, organization.deletes_at) == ("New name", "fernweh", None)
    assert (link.property_id, link.made_by) == (company.shop.pk, company.ada)


def test_taken_address_of_a_foreign_link_is_refused_beside_its_field(company: Company) -> None:
    """A unique name that the writer cannot see is an error of the form, not of the server."""
    ingestion.create_link(
        property_id=company.theirs.pk,
        made_by=None,
        slug="taken",
        name="l",
        destination="https://x.example/",
        source="s",
    )
    form = {"name": "l", "destination": "https://example.org/", "source": "s", "slug": "taken"}

    answer = company.client_of(company.ada).post("/o/fernweh/p/shop/links/new/", form)

    assert answer.status_code == 422


def test_no_page_changes_anything_without_its_token(world: Company) -> None:  # noqa: F811
    everything = Everything(world)
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.ada)
    statuses = {client.post(everything.address(route), {}).status_code for route, _scope, _needs in pages()}

    assert statuses == {403}


def test_every_answer_carries_the_headers(world: Company) -> None:  # noqa: F811
    everything = Everything(world)
    urls = [everything.address(route) for route, _scope, _needs in pages() if "<int:" not in route]
    for url in ["/accounts/login/", "/nothing/", "/api/v1/me/", *urls]:
        answer = everything.clients["owner"].get(url)
        policy = answer["Content-Security-Policy"]
        assert "'unsafe" not in policy, url
        for words in ("default-src", "object-src", "frame-ancestors", "base-uri"):
            assert f"{words} 'none'" in policy.split("; "), url
        assert "form-action 'self'" in policy.split("; "), url
        assert answer["X-Content-Type-Options"] == "nosniff", url
        assert answer["X-Frame-Options"] == "DENY", url
        assert answer["Referrer-Policy"] == "same-origin", url
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin", url
        assert "camera=()" in answer["Permissions-Policy"], url
        assert "no-store" in answer["Cache-Control"], url


def test_nothing_stays_in_the_browser_of_who_signs_out(company: Company) -> None:
    left = company.client_of(company.ada).post("/accounts/logout/")

    assert left["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in Client().get("/accounts/login/")


def test_program_without_tls_is_refused_and_not_led_on(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_REDIRECT_EXEMPT = True, [r"^api/v1/", r"^scim/"]
    for url in ("/api/v1/me/", "/scim/v2/Users"):
        refused = Client().get(url, headers={"Authorization": "Bearer tk_1_2"})
        assert refused.status_code == 403, url
        assert refused.json()["code"] == "https_required", url
        assert Client().get(url, secure=True).status_code == 401, url
    assert Client().get("/accounts/login/").status_code == 301


def test_trace_sends_nothing_back(company: Company) -> None:
    for url in ("/", "/o/fernweh/members/", "/api/v1/me/", "/accounts/login/"):
        answer = company.client_of(company.ada).trace(url, headers={"X-Probe": "comes-back"})
        assert "comes-back" not in answer.content.decode(), url


def test_production_is_strict() -> None:
    stores = {
        "DATABASE_URL": "postgres://u:p@localhost/d", "CLICKHOUSE_URL": "clickhouse://u:p@localhost/d",
        "REDIS_URL": "redis://localhost", "EVENT_LOG_URL": "valkey://localhost", "ALLOWED_HOSTS": "example.org",
        "SECRET_KEY": "x" * 20 + "y1z2" * 10, "DJANGO_SETTINGS_MODULE": "config.settings.production",
    }  # fmt: skip
    script = (
        "import django; django.setup(); from django.conf import settings as s; "
        "assert s.SESSION_COOKIE_SECURE and s.CSRF_COOKIE_SECURE and s.SESSION_COOKIE_HTTPONLY; "
        "assert s.SESSION_COOKIE_NAME.startswith('__Host-') and s.CSRF_COOKIE_NAME.startswith('__Host-'); "
        "assert s.CSRF_COOKIE_HTTPONLY and s.LANGUAGE_COOKIE_SECURE and s.LANGUAGE_COOKIE_HTTPONLY; "
        "assert s.SECURE_SSL_REDIRECT; "
        "assert s.SECURE_HSTS_SECONDS >= 31536000 and s.SECURE_HSTS_INCLUDE_SUBDOMAINS and not s.DEBUG; "
        "assert s.SESSION_COOKIE_SAMESITE == 'Lax' and not s.REPORTS_DEMO_ALLOWED and not s.ORGS_OPEN_SIGNUP"
    )
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    done = subprocess.run(
        [sys.executable, "-c", script], env=kept | stores, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_credit_of_a_nasty_name_is_still_counted(hostile: Everything) -> None:
    """Escaping is the page's business: the figure keeps its name and its credit."""
    now = datetime.now(UTC)
    rows = attribution.credit_by(
        hostile.company.shop.pk,
        method="linear",
        dimension="campaign",
        goal_id=attribution.goals(hostile.company.shop.pk)[0].id,
        period=(now - timedelta(days=3), now),
    )

    assert {SCRIPT, *FORMULAS} <= {row.key for row in rows}


def test_walks_of_attacks_are_not_empty(hostile: Everything) -> None:
    page: Any = hostile.clients["owner"].get(
        hostile.address("o/<slug:organization>/p/<slug:property>/") + "?by=campaign"
    )

    assert "alert(1)" in page.content.decode()
    assert len(list(routes.walk())) > 100
    assert services.GRACE.days == 14
