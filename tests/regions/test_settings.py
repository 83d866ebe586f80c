"""Settings of regions: what does not fit together is refused at the start, by name."""

import json
import os
import subprocess
import sys

import pytest

from apps.shared.local import postgres
from apps.shared.local.layout import ROOT, Layout
from config import regions
from config.env import SettingError
from tests import corners

TWO = {
    "REGIONS": "eu,us-east",
    "CLICKHOUSE_URL_EU": "clickhouse://u:p@one:9000/facts", "CLICKHOUSE_URL_US_EAST": "clickhouse://u:p@two:9000/facts",
    "EVENT_LOG_URL_EU": "valkey://:p@one:6379/0", "EVENT_LOG_URL_US_EAST": "kafka://two:9092/events",
    "REDIS_URL_EU": "redis://:p@one:6380/0", "REDIS_URL_US_EAST": "redis://:p@two:6380/0",
    "COLLECT_URL_EU": "https://in.eu.example.org/", "COLLECT_URL_US_EAST": "https://in.us.example.org",
    "WEB_URL_EU": "https://eu.example.org", "REGION_TITLE_EU": "European Union",
}  # fmt: skip


def read(monkeypatch: pytest.MonkeyPatch, **changes: str) -> regions.Regions:
    for name in [*os.environ]:
        if name.startswith(
            ("REGION", "DATABASE_URL_", "CLICKHOUSE_URL", "EVENT_LOG_URL", "REDIS_URL", "COLLECT_URL", "WEB_URL")
        ):
            monkeypatch.delenv(name)
    for name, value in (TWO | changes).items():
        monkeypatch.setenv(name, value)
    return regions.read()


def test_without_regions_there_is_one_with_the_plain_names(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, REGIONS="") == regions.Regions({}, "", {}, {})


def test_each_region_has_what_is_named_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch)

    assert found.named["eu"] == regions.Region(
        "European Union", "https://in.eu.example.org", "https://eu.example.org", "valkey://:p@one:6379/0",
        "redis://:p@one:6380/0", "clickhouse_eu",
    )  # fmt: skip
    assert found.consent == {}
    assert (found.named["us-east"].title, found.named["us-east"].web_url) == ("US-EAST", "")
    assert found.databases["clickhouse_us-east"]["HOST"] == "two"


def test_region_may_keep_consent_in_a_postgresql_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, DATABASE_URL_EU="postgres://u:p@pg.eu/consent")

    assert (found.named["eu"].consent, found.named["us-east"].consent) == ("consent_eu", "default")
    assert found.consent["consent_eu"]["HOST"] == "pg.eu"


def test_process_of_one_region_needs_to_be_told_of_no_other_store(monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = {name: "" for name in TWO if name.endswith("US_EAST") and "COLLECT" not in name}

    found = read(monkeypatch, TRIBUTARY_REGION="eu", **foreign)

    assert (found.only, list(found.databases)) == ("eu", ["clickhouse_eu"])
    assert found.named["us-east"][1:] == ("https://in.us.example.org", "", "", "", "", "default")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"REGIONS": "EU,us"}, "REGIONS holds names of small letters, digits and hyphens, not 'EU'"),
        ({"REGIONS": "eu,eu"}, "REGIONS names something twice: eu, eu"),
        ({"REGIONS": "", "TRIBUTARY_REGION": "eu"}, "TRIBUTARY_REGION is eu, but REGIONS declares no region"),
        ({"TRIBUTARY_REGION": "mars"}, "TRIBUTARY_REGION must be one of eu, us-east, not 'mars'"),
        ({"CLICKHOUSE_URL": "clickhouse://h/d"}, "say whose store it is: CLICKHOUSE_URL_EU instead of CLICKHOUSE_URL"),
        ({"EVENT_LOG_URL": "valkey://h/0"}, "say whose store it is: EVENT_LOG_URL_EU instead of EVENT_LOG_URL"),
        (
            {"CLICKHOUSE_URL_US_EAST": "clickhouse://other:q@one:9000/facts"},
            "CLICKHOUSE_URL_EU and CLICKHOUSE_URL_US_EAST name the same store",
        ),
        ({"REDIS_URL_US_EAST": "redis://one:6380/0"}, "REDIS_URL_EU and REDIS_URL_US_EAST name the same store"),
        (
            {"DATABASE_URL_EU": "postgres://a@pg/consent", "DATABASE_URL_US_EAST": "postgres://b@pg/consent"},
            "DATABASE_URL_EU and DATABASE_URL_US_EAST name the same store",
        ),
        ({"CLICKHOUSE_URL_EU": "nonsense"}, "CLICKHOUSE_URL_EU must be a URL"),
        ({"COLLECT_URL_EU": ""}, "COLLECT_URL_EU must begin with http:// or https://"),
    ],
)
def test_what_does_not_fit_together_is_named(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(SettingError) as failure:
        read(monkeypatch, **changes)

    assert words in str(failure.value)


def test_missing_store_of_a_region_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    read(monkeypatch)
    monkeypatch.delenv("EVENT_LOG_URL_US_EAST")

    with pytest.raises(SettingError, match="Set the environment variable EVENT_LOG_URL_US_EAST"):
        regions.read()


def test_worker_takes_the_work_of_its_region_alone() -> None:
    kept = {name: value for name, value in os.environ.items() if name not in ("CLICKHOUSE_URL", "EVENT_LOG_URL")}
    environment = {**kept, **TWO, "TRIBUTARY_REGION": "eu", "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    code = (
        "import django, json; django.setup(); from celery.signals import celeryd_after_setup as up;"
        "from config.celery import celery_app as app; up.send(sender='worker', instance=None, conf=app.conf);"
        "print(json.dumps(sorted(app.amqp.queues.consume_from)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert json.loads(done.stdout.splitlines()[-1]) == ["celery", "region.eu"]


def test_every_region_is_migrated_by_one_command(stores: Layout, far: Layout) -> None:
    layouts = {"eu": stores, "us": far}
    for layout in layouts.values():
        with corners.client(layout) as store:
            store.execute("CREATE DATABASE afresh")
    environment = {name: value for name, value in os.environ.items() if name not in ("CLICKHOUSE_URL", "EVENT_LOG_URL")}
    environment |= {"REGIONS": "eu,us", "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    for name, layout in layouts.items():
        theirs = layout.environment(facts="afresh", index=7)
        places = {f"{store}_{name.upper()}": theirs[store] for store in regions.STORES}
        environment |= {**places, f"COLLECT_URL_{name.upper()}": f"https://in.{name}.example.org"}

    postgres.create_database(stores, "consent_afresh")
    environment["DATABASE_URL_US"] = stores.owner_environment(database="consent_afresh")["DATABASE_URL"]

    done = subprocess.run(
        [sys.executable, "manage.py", "migrate_facts", "--no-input", "--verbosity=0"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

    sql = "SELECT name FROM system.tables WHERE database = currentDatabase() ORDER BY name"
    found = []
    for layout in layouts.values():
        with corners.client(layout, "afresh") as store:
            found.append([name for (name,) in store.execute(sql)])
        with corners.client(layout) as store:
            store.execute("DROP DATABASE afresh")
    listed = "SELECT relname, relforcerowsecurity FROM pg_class WHERE relkind = 'r' AND relnamespace = 2200"
    consent = postgres.psql(stores, f"{listed} ORDER BY relname", database="consent_afresh")
    assert consent.split() == ["django_migrations|f", "ingestion_rememberedconsent|t"]
    assert found[0] == found[1]
    assert {"events", "outcomes", "journeys"} <= set(found[0])
