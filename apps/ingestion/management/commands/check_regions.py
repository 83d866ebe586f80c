"""Prove that no row of a property lies in a foreign store."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.ingestion import residency
from apps.ingestion.domain.ports import LogUnavailable
from apps.ingestion.residency import Holding
from apps.orgs import api as orgs
from apps.shared import regions
from apps.shared.clickhouse import QueryTooLarge, StoreUnavailable

_AWAY = (StoreUnavailable, QueryTooLarge, LogUnavailable)


class Command(BaseCommand):
    """Count the rows of every property in every table and log, and name what does not belong there."""

    help = "Count each property's rows in the stores of every region served here; fail where one lies abroad."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Let a script ask for the failures alone."""
        parser.add_argument("--quiet", action="store_true", help="print only what is wrong")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print what lies where. Raises CommandError when anything is wrong, or could not be looked at."""
        if not regions.declared():
            if named := sorted(filter(None, set(orgs.regions_of_properties().values()))):
                raise CommandError(f"REGIONS declares none, but properties belong to: {', '.join(named)}.")
            self.stdout.write("REGIONS declares no region: there is one set of stores, and nothing to cross.")
            return
        wrong = [f"property {one} has no region" for one in sorted(_without_region())]
        for region in regions.served():
            try:
                wrong += self._look(region, is_quiet=options["quiet"])
                residency.require(region)
            except _AWAY as error:
                wrong.append(f"the stores of {region} could not be read: {error}")
            except residency.ForeignStore as error:
                wrong.append(str(error))
        if unseen := set(regions.declared()) - set(regions.served()):
            self.stdout.write(f"Not served by this process, run it there too: {', '.join(sorted(unseen))}.")
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write("No row of a property lies outside its region.")

    def _look(self, region: str, *, is_quiet: bool) -> list[str]:
        wrong, rows = [], 0
        for one in residency.holdings(region):
            rows += one.rows
            if one.is_foreign:
                wrong.append(_complaint(one))
            elif not is_quiet:
                self.stdout.write(f"{region}: {one.place}: property {one.property_id}: {one.rows}{_remark(one)}")
        self.stdout.write(f"{region}: {rows} rows in {len(residency.tables())} tables and the event log.")
        return wrong


def _without_region() -> list[int]:
    return [property_id for property_id, region in orgs.regions_of_properties().items() if not region]


def _complaint(one: Holding) -> str:
    home = one.belongs_to or "no region"
    return f"{one.region}: {one.place} holds {one.rows} of property {one.property_id}, which belongs to {home}"


def _remark(one: Holding) -> str:
    return "" if one.belongs_to else " (of no property that exists)"
