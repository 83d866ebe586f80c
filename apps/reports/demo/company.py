"""The organizations of the demo: what PostgreSQL must hold before the first event."""

from dataclasses import dataclass
from typing import Any

from apps.attribution import api as attribution
from apps.ingestion import api as ingestion
from apps.orgs import api as orgs
from apps.orgs.api import PropertyInfo, Role
from apps.reports.demo import accounts, world
from apps.shared import regions

SHOP, ROASTERY = ("fernweh", "shop"), ("cinder-coffee", "roastery")


@dataclass(frozen=True, slots=True)
class Company:
    """A property with its three streams (web, app, server) and the ids of its links, in the order of `world.LINKS`."""

    property: PropertyInfo
    streams: tuple[int, int, int]
    links: tuple[int, ...]


def find_company(address: tuple[str, str]) -> PropertyInfo | None:
    """Return the property at *address*, or None."""
    return orgs.find_property(organization=address[0], slug=address[1])


def make_shop(password: str) -> Company:
    """Make the shop that Ada owns and Grace works for."""
    ada = orgs.ensure_account(email=accounts.ADA, password=password, is_operator=True)
    grace = orgs.ensure_account(email=accounts.GRACE, password=password)
    organization = orgs.create_organization(name="Fernweh Outfitters", slug=SHOP[0], owner=ada)
    orgs.add_member(organization=organization, user=grace, role=Role.ANALYST)
    row = orgs.create_property(
        organization=organization,
        name="Outdoor shop",
        slug=SHOP[1],
        time_zone="Europe/Berlin",
        currency="EUR",
        made_by=ada,
        region=_first_region(),
    )
    return _furnish(row.pk, made_by=ada)


def make_roastery(password: str) -> None:
    """Make Mallory's company, which has sent nothing yet: she must never see anything of the shop."""
    mallory = orgs.ensure_account(email=accounts.MALLORY, password=password)
    organization = orgs.create_organization(name="Cinder Coffee", slug=ROASTERY[0], owner=mallory)
    orgs.create_property(
        organization=organization,
        name="Roastery",
        slug=ROASTERY[1],
        time_zone="Europe/London",
        currency="GBP",
        made_by=mallory,
        region=_first_region(),
    )


def _first_region() -> str:
    return next(iter(regions.declared()), "")


def _furnish(property_id: int, *, made_by: Any) -> Company:
    """Give a property its streams, own domains, links and goals."""
    app = orgs.create_stream(property_id=property_id, kind="ios", name="iOS app")
    server = orgs.create_stream(property_id=property_id, kind="server", name="Order service")
    web = orgs.streams_of(property_id).get(kind="web")
    orgs.change_settings(property_id=property_id, made_by=made_by, own_domains=[world.DOMAIN.removeprefix("www.")])
    goals = (("Purchase", "Order Completed", "every", True), ("Sign-up", "Signed Up", "once", False))
    for name, event_name, counting, is_primary in goals:
        attribution.create_goal(
            property_id=property_id,
            made_by=made_by,
            name=name,
            event_name=event_name,
            counting=counting,
            is_primary=is_primary,
        )
    attribution.create_goal(
        property_id=property_id,
        made_by=made_by,
        name="App install",
        event_name="Application Installed",
        decides="install",
    )
    links = tuple(
        ingestion.create_link(
            property_id=property_id,
            made_by=made_by,
            slug=link.slug,
            name=link.name,
            destination=f"https://{world.DOMAIN}/",
            source=link.source,
            medium=link.medium,
            campaign=link.campaign,
        ).pk
        for link in world.LINKS
    )
    return Company(orgs.property_by_id(property_id), (web.pk, app.pk, server.pk), links)
