"""Build a property's journeys again from its events."""

import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.attribution import services
from apps.attribution.adapters import live_updates
from apps.orgs import api as orgs


class Command(BaseCommand):
    """Rebuild journeys: everything, or only the conversions since a day. The result is the same (R7)."""

    help = "Build the journeys of a property again from its events."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask which property, and from when on."""
        parser.add_argument("--property", required=True, metavar="ORGANIZATION/PROPERTY")
        parser.add_argument("--since", metavar="DATE", help="only conversions from this day or instant (UTC) on")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Build, and say how much and how long."""
        organization, _, slug = options["property"].partition("/")
        try:
            info = orgs.property_by_slugs(organization=organization, slug=slug)
        except ObjectDoesNotExist:
            raise CommandError(f"There is no property {options['property']}: write organization/property.") from None
        started = time.perf_counter()
        try:
            run = services.build_journeys(
                property_id=info.id, clock=timezone.now, is_full=True, since=_instant(options["since"])
            )
        except services.BuildUnderWay as error:
            raise CommandError(f"{error} Try again when it has finished.") from error
        live_updates.tell_built(info.id)
        seconds = time.perf_counter() - started
        self.stdout.write(f"{run.events:,} events, {run.journeys:,} journeys written in {seconds:.1f} s")


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is not a date: write it as 2026-05-01.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
