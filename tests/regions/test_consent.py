"""What people said about being measured stays in the region's own PostgreSQL, where it has one (R8)."""

import importlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as project
from django.db import connections
from django.test import Client
from django.utils import timezone

from apps.ingestion import wiring
from apps.ingestion.models import ConsentVersion, RememberedConsent
from apps.orgs import services as orgs
from apps.orgs.tasks import delete_due_organizations
from apps.shared.local import postgres
from tests import plugin
from tests.regions.conftest import World

ALIAS = "consent_us"
# Workers share one server of PostgreSQL, and each has a database of its own there.
DATABASE = f"consent_us_{plugin.corner()}"


@pytest.fixture
def register(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A PostgreSQL of the region us, with the table that its migration makes, entered as the product enters."""
    here = world.layouts["eu"]
    postgres.create_database(here, DATABASE)
    for name in ("0055_consent_of_regions", "0072_consent_to_advertising"):
        for operation in importlib.import_module(f"apps.ingestion.migrations.{name}").Migration.operations:
            if "consent" in getattr(operation, "hints", {}):
                postgres.psql(here, operation.sql, database=DATABASE)
    postgres.create_database(here, DATABASE)  # grants what is there now
    monkeypatch.setitem(project.DATABASES, ALIAS, {**project.DATABASES["default"], "NAME": DATABASE})
    settings.CONSENT_DATABASES = {ALIAS: {}}
    settings.REGIONS = {**settings.REGIONS, "us": settings.REGIONS["us"]._replace(consent=ALIAS)}
    yield DATABASE
    connections[ALIAS].close()
    delattr(connections._connections, ALIAS)  # the next test has no such region
    postgres.psql(here, f"DROP DATABASE {DATABASE} WITH (FORCE)")


def say(door: Client, key: str, consent: str, message_id: str) -> int:
    body = {
        "event": "Signed Up", "anonymousId": "visitor-1", "messageId": message_id, "writeKey": key,
        "context": {"consent": {"categoryPreferences": {"Analytics": consent == "granted"}}} if consent else {},
    }  # fmt: skip
    wiring._remembers_consent().forget()
    return door.post("/v1/track", json.dumps(body), content_type="application/json").status_code


def test_words_of_a_region_are_kept_and_heard_there_alone(world: World, register: str, door: Client) -> None:
    ConsentVersion.objects.create(property=world.us, version=1, asks_everywhere=True)
    ConsentVersion.objects.create(property=world.eu, version=1, asks_everywhere=True)
    wiring.consent_rules_of().forget()

    answers = [say(door, world.key_of("us"), said, f"m-{said}") for said in ("", "granted", "")]
    theirs = [say(door, world.key_of("eu"), said, f"e-{said}") for said in ("granted", "")]

    kept = postgres.psql(
        world.layouts["eu"], "SELECT property_id, is_granted FROM ingestion_rememberedconsent", database=register
    )
    assert (answers, theirs) == ([403, 200, 200], [200, 200])
    assert kept.split() == [f"{world.us.pk}|t"]
    assert set(RememberedConsent.objects.values_list("property_id", flat=True)) == {world.eu.pk}


def test_words_end_with_their_property(world: World, register: str, door: Client) -> None:
    RememberedConsent.objects.using(ALIAS).create(
        property_id=world.us.pk, key=1, is_granted=True, said_at=timezone.now()
    )
    orgs.ask_for_deletion(world.company.organization, now=timezone.now() - orgs.GRACE * 2)

    delete_due_organizations(region="us")

    counted = "SELECT count(*) FROM ingestion_rememberedconsent"
    assert postgres.psql(world.layouts["eu"], counted, database=register).split() == ["0"]
