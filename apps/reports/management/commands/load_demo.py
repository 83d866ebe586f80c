"""`manage.py load_demo`: a made-up shop with 90 days of visitors, for development."""

import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.reports.demo.load import load_demo


class Command(BaseCommand):
    """Loads the demo once; a second run leaves it as it is."""

    help = "Load a made-up shop: 90 days of people, campaigns, orders, refunds and bots. For development only."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument("--seed", type=int, default=7, help="the same seed and --now give the same events")
        parser.add_argument("--persons", type=int, default=50_000, help="people who visit the shop")
        parser.add_argument("--now", type=_instant, default=None, help="end of the period, ISO 8601; default: now")
        parser.add_argument("--reset", action="store_true", help="throw the demo away and make it again")
        parser.add_argument("--folder", type=Path, default=Path(settings.VAR_DIR), help="where the login is kept")

    def handle(self, *_: Any, **options: Any) -> None:
        """Load it, saying what is being done."""
        if not settings.REPORTS_DEMO_ALLOWED:
            raise CommandError("The demo makes well-known accounts: it is for development settings only.")
        if options["persons"] < 1:
            raise CommandError("--persons must be 1 or more.")
        began = time.monotonic()
        loaded = load_demo(
            seed=options["seed"],
            persons=options["persons"],
            now=options["now"] or datetime.now(UTC).replace(second=0, microsecond=0),
            folder=options["folder"],
            is_reset=options["reset"],
            clock=timezone.now,
            tell=lambda words: self.stdout.write(f"      {words}"),
        )
        if loaded.events:
            self.stdout.write(f"      {loaded.events:,} events in {time.monotonic() - began:.1f} s")
        else:
            self.stdout.write("      the demo is loaded already; --reset makes it again")


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
