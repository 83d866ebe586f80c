"""Whose domain it is at which links are shared and apps open them."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.ingestion.models import AppSite
from apps.orgs import api as orgs
from apps.shared import behalf, regions


def save_site(site: AppSite, *, organization_id: int) -> None:
    """Save the domain and the apps of a property. Raises ValidationError where the domain is somebody else's.

    Whoever has shown that a domain is its own takes it from one who only said so.
    """
    from apps.accounts import api as accounts  # the door of events, which loads this file, has no use for it

    owner = accounts.owner_of_domain(site.domain)
    if site.domain in _our_own() and not orgs.is_only_organization(organization_id):
        raise ValidationError({"domain": _("Links of every organization here stand at this domain. Take your own.")})
    if owner not in (None, organization_id):
        raise ValidationError({"domain": _("Another organization here has verified this domain.")})
    try:
        with transaction.atomic():
            if owner == organization_id:
                _take(site.domain, organization_id)
            site.save()
    except IntegrityError:  # a domain may be taken by a property that nobody here can see
        raise ValidationError({"domain": _taken()}) from None


@behalf.as_system
def _take(domain: str, organization_id: int) -> None:
    AppSite.objects.filter(domain=domain).exclude(property__organization_id=organization_id).delete()


def _our_own() -> set[str | None]:
    """Return the hosts at which links of everybody are found."""
    addresses = {settings.COLLECT_URL, *(regions.collect_url(name) for name in regions.declared())}
    return {urlsplit(address).hostname for address in addresses}


def _taken() -> str:
    return _(
        "This address is taken. If the domain is yours, an owner shows so on the page Sign-in, and saving again "
        "takes it from them."
    )
