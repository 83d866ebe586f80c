"""The tables of ClickHouse, in the store of every region that is served here."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from apps.shared import regions


class Command(BaseCommand):
    """Run `migrate --database` for each ClickHouse, one after the other; each remembers its own state."""

    help = "Migrate the ClickHouse of every region that this process serves."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take nothing but what `migrate` is to be told."""
        parser.add_argument("--no-input", action="store_true", help="ask nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Migrate."""
        for region in regions.served():
            if region:
                self.stdout.write(f"Region {region}:")
            call_command(
                "migrate",
                database=regions.stores(region).database,
                interactive=not options["no_input"],
                skip_checks=True,
                verbosity=options["verbosity"],
                stdout=self.stdout,
            )
