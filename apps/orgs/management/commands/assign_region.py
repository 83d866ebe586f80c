"""Give a region to properties that began before there were regions."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from apps.orgs import queries, services
from apps.orgs.models import Property


class Command(BaseCommand):
    """Write down in which region's stores the events of older properties lie. Nothing is moved; it is done once."""

    help = "Give a region to properties without one: that whose stores hold their events already."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the region, and which properties."""
        parser.add_argument("region")
        parser.add_argument("--property", action="append", help="organization/property; default: all without a region")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Assign, or say why not."""
        chosen = [self._chosen(address) for address in options["property"] or ()]
        ids = [row.pk for row in chosen] if chosen else queries.all_property_ids("")
        try:
            count = services.assign_region(region=options["region"], property_ids=ids)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{count} properties belong to the region {options['region']} now.")

    def _chosen(self, address: str) -> Property:
        organization, _, slug = address.partition("/")
        row = Property.objects.filter(organization__slug=organization, slug=slug).first()
        if row is None:
            raise CommandError(f"There is no property {address}: write organization/property.")
        if row.region:
            raise CommandError(
                f"{address} belongs to the region {row.region}. That is not changed in place: begin a property in the "
                "other region, import its events there, and delete this one."
            )
        return row
