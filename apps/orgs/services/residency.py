"""In which region the data of a property is kept: chosen at its beginning, never changed in place (ADR 0077)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.orgs.models import Organization, Property
from apps.shared import regions


def region_for(organization: Organization, chosen: str) -> str:
    """Return the region of a new property: the chosen one, the organization's own, or the only one there is.

    Raises ValidationError where there are several and nobody has chosen, or the chosen one does not exist.
    """
    declared = regions.declared()
    region = chosen or organization.region or (declared[0] if len(declared) == 1 else "")
    if declared and not region:
        raise ValidationError({"region": _("Choose the region that keeps the events: it cannot be changed later.")})
    check_region(region)
    return region


def check_region(region: str) -> None:
    """Raise ValidationError for a region that nobody has declared."""
    if region and region not in regions.declared():
        raise ValidationError({"region": _("There is no region %(name)s.") % {"name": region[:40]}})


def set_default_region(organization: Organization, *, region: str) -> None:
    """Have the new properties of an organization begin in a region; those that exist stay where they are."""
    check_region(region)
    organization.region = region
    organization.save(update_fields=["region"])


def assign_region(*, region: str, property_ids: list[int]) -> int:
    """Give a region to properties that have none, from before there were regions; return how many.

    Their events must lie in the stores of that region already: nothing is moved. Raises ValidationError.
    """
    check_region(region)
    return Property.objects.filter(pk__in=property_ids, region="").update(region=region)
