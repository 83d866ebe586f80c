"""Which region a command works for."""

from django.core.management.base import CommandError

from apps.shared import regions


def region_of(chosen: str | None) -> str:
    """Return the region that a process works for. Raises CommandError where nobody says which of several."""
    if chosen and not regions.declared():
        raise CommandError("REGIONS declares no region: leave --region out.")
    try:
        return regions.checked(chosen)
    except (regions.WrongRegion, regions.NoRegion) as error:
        names = ", ".join(regions.declared())
        raise CommandError(f"{error} Say --region or TRIBUTARY_REGION, one of: {names}.") from None
