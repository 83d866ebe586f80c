"""Make a property from the shell: for installations without a browser at hand, and for scripts."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.orgs import services
from apps.orgs.models import Organization, Property, User


class Command(BaseCommand):
    """Create organization/property, the organization too where it is missing, and print the write key."""

    help = "Create a property, with its organization where that is missing, and print its write key."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the two addresses, the owner and what the property begins with."""
        parser.add_argument("property", help="organization/property, as in the address of its pages")
        parser.add_argument(
            "--owner", required=True, help="e-mail address of an account, which a new organization belongs to"
        )
        parser.add_argument("--name", help="default: the property's address")
        parser.add_argument("--currency", default="USD")
        parser.add_argument("--time-zone", default="UTC")
        parser.add_argument("--region", default="", help="where its events are kept; default: as its organization says")

    @transaction.atomic
    def handle(self, *_args: Any, **options: Any) -> None:
        """Create what is missing, or say what is wrong with the wish."""
        try:
            row = self._create(options)
        except ValidationError as error:
            sentences = (f"{field}: {' '.join(said)}" for field, said in error.message_dict.items())
            raise CommandError("\n".join(sentences)) from error
        self.stdout.write(f"{options['property']} takes events with the write key {row.streams.get().write_key}")

    def _create(self, options: dict[str, Any]) -> Property:
        organization_slug, _, slug = options["property"].partition("/")
        if not organization_slug or not slug:
            raise CommandError("Write the property as organization/property.")
        owner = User.objects.filter(email=options["owner"].lower()).first()
        if owner is None:
            raise CommandError(f"There is no account {options['owner']}: `manage.py createsuperuser` makes one.")
        organization = Organization.objects.filter(slug=organization_slug).first()
        if organization is None:
            organization = services.create_organization(name=organization_slug, slug=organization_slug, owner=owner)
        if Property.objects.filter(organization=organization, slug=slug).exists():
            raise CommandError(f"{options['property']} exists already.")
        return services.create_property(
            organization=organization,
            name=options["name"] or slug,
            slug=slug,
            time_zone=options["time_zone"],
            currency=options["currency"].upper(),
            made_by=owner,
            region=options["region"],
        )
