"""A file of 62,483 touchpoints: read, accepted, stored, joined into journeys, and credited by channel."""

import csv
import random
import secrets
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apps.shared.local.layout import ROOT
from benchmarks import machine
from benchmarks.machine import Stores
from benchmarks.rows import Row, row

_ROWS = 62_483
_CHANNELS = ("Facebook", "Instagram", "Online Display", "Online Video", "Paid Search")


def run(stores: Stores, journeys: Path | None) -> list[Row]:
    """Import the file with one writer running; its end is when everything is stored."""
    with tempfile.TemporaryDirectory() as folder, machine.running_processes(stores.layout):
        path = journeys or _made(Path(folder) / "journeys.csv")
        address, property_id = _property()
        began = time.perf_counter()
        command = [
            sys.executable,
            "manage.py",
            "import_events",
            str(path),
            f"--property={address}",
            "--mapping=journeys",
        ]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        stored = time.perf_counter() - began
        totals = _credited(property_id)
        credited = time.perf_counter() - began
    note = f"{done.stdout.strip().splitlines()[-1]} {'the public file' if journeys else 'a file of the same shape'}"
    return [
        row("import of 62,483 rows: everything stored", round(stored, 1), "s", "< 20 s", note),
        row("import of 62,483 rows: credited by channel", round(credited, 1), "s", "", totals),
    ]


def _property() -> tuple[str, int]:
    from apps.attribution import api as attribution
    from apps.orgs import api as orgs

    mark = secrets.token_hex(4)
    owner = orgs.ensure_account(email=f"import-{mark}@example.com", password=secrets.token_urlsafe(12))
    organization = orgs.create_organization(name="Import", slug=f"import-{mark}", owner=owner)
    made = orgs.create_property(
        organization=organization, name="Import", slug="import", time_zone="UTC", currency="USD", made_by=owner
    )
    attribution.create_goal(property_id=made.pk, made_by=owner, name="Conversion", event_name="Conversion")
    return f"{organization.slug}/import", made.pk


def _credited(property_id: int) -> str:
    from django.utils import timezone

    from apps.attribution import api as attribution

    while True:  # the worker may be building already: whoever comes second waits
        try:
            attribution.build_journeys(property_id=property_id, clock=timezone.now)
            break
        except attribution.BuildUnderWay:
            time.sleep(0.1)
    rows = credit_by_channel(property_id)
    return f"{sum(one.conversions for one in rows):,.0f} conversions by {len(rows)} channels"


def credit_by_channel(property_id: int, method: str = "last_touch") -> list[Any]:
    """Return the credit of each channel over all of time."""
    from apps.attribution import api as attribution

    goal = attribution.goals(property_id)[0]
    period = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    return attribution.credit_by(property_id, goal_id=goal.id, period=period, method=method, dimension="channel")


def _made(path: Path) -> Path:
    """Write a file of the shape that the mapping `journeys` reads."""
    rng = random.Random(1)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["customer_id", "time", "interaction", "conversion", "conversion_value", "channel"])
        for _ in range(_ROWS):
            is_conversion = rng.random() < 0.28
            at = (start + timedelta(seconds=rng.randrange(30 * 86_400))).strftime("%Y-%m-%dT%H:%M:%SZ")
            said = ("conversion", 1, round(rng.uniform(5, 9), 1)) if is_conversion else ("impression", 0, 0)
            out.writerow([f"C{rng.randrange(23_000):06d}", at, *said, rng.choice(_CHANNELS)])
    return path
