"""The tables of ClickHouse, and of consent where a region keeps it, in the stores of every region served here."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from apps.ingestion import residency
from apps.shared import regions


class Command(BaseCommand):
    """Run `migrate --database` for each ClickHouse, one after the other; each remembers its own state."""

    help = "Migrate the ClickHouse of every region that this process serves, and its PostgreSQL where it has one."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take nothing but what `migrate` is to be told."""
        parser.add_argument("--no-input", action="store_true", help="ask nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Migrate."""
        for region in regions.served():
            if region:
                self.stdout.write(f"Region {region}:")
            places = regions.stores(region)
            for database in (places.database, *([places.consent] if region and places.consent != "default" else [])):
                self._migrate(database, options)
            try:
                residency.claim(region)
            except residency.ForeignStore as error:
                raise CommandError(str(error)) from None

    def _migrate(self, database: str, options: dict[str, Any]) -> None:
        call_command(
            "migrate",
            database=database,
            interactive=not options["no_input"],
            skip_checks=True,
            verbosity=options["verbosity"],
            stdout=self.stdout,
        )
