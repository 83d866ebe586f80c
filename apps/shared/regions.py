"""Which stores hold the data of a property, and that nobody reads across (ADR 0077).

Without the setting `REGIONS` there is one region; its name is empty and nothing here asks anybody. With it, every
property belongs to one region for good, each region has stores of its own, and two things are refused: what a process
of one region is asked about another, and what is read about one region in the course of work for another.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.conf import settings

from apps.shared import behalf

Lookup = Callable[[int], "str | None"]

# The region of a property never changes, so what was found once holds as long as the process lives.
_found: dict[int, str] = {}
_MOST = 100_000
_lookups: list[Lookup] = []


class WrongRegion(Exception):
    """What is asked for is kept in a region that this process does not serve."""

    def __init__(self, region: str) -> None:
        super().__init__(f"This is kept in the region {region}, which this process does not serve.")
        self.region = region


class AcrossRegions(WrongRegion):
    """Work for one region asked for data of another: no figure may hold both."""

    def __init__(self, region: str, *, within: str) -> None:
        super().__init__(region)
        self.within = within
        self.args = (f"Work for the region {within} asked for data that is kept in the region {region}.",)


class NoRegion(Exception):
    """It is not known whose stores are meant: a property without a region, or a question that names no region."""


class Stores(NamedTuple):
    """Where a region keeps its data: Django's names of the databases of facts and of consent, of cache and layer."""

    database: str
    consent: str
    event_log_url: str
    redis_url: str
    cache: str
    layer: str


def ask_with(lookup: Lookup) -> None:
    """Have *lookup* say the region of a property, or None for a property that does not exist. Once, in ready()."""
    _lookups[:] = [lookup]


def declared() -> tuple[str, ...]:
    """Return the names of all regions; none where there is only one, without a name."""
    return tuple(settings.REGIONS)


def served() -> tuple[str, ...]:
    """Return the regions whose stores this process may open; the only one has an empty name."""
    if not settings.REGIONS:
        return ("",)
    return (settings.REGION,) if settings.REGION else tuple(settings.REGIONS)


def is_served(region: str) -> bool:
    """Tell whether this process serves *region*. The door of events asks it for every request."""
    if not settings.REGIONS:
        return not region  # else somebody has taken REGIONS away, and the only stores may be those of another region
    return region == settings.REGION if settings.REGION else region in settings.REGIONS


def of_property(property_id: int) -> str:
    """Return the region of a property whose data may be read here and now.

    Raises WrongRegion, AcrossRegions or NoRegion.
    """
    return checked(_region_of(property_id)) if settings.REGIONS else checked("")


def of_properties(property_ids: Iterable[int]) -> str:
    """Return the one region of some properties. Raises AcrossRegions where there are two, and as `of_property`."""
    if not settings.REGIONS:
        return checked("")
    found = sorted({_region_of(int(property_id)) for property_id in set(property_ids)})
    if len(found) > 1:
        raise AcrossRegions(found[1], within=found[0])
    if not found:
        raise NoRegion("Rows of no property belong to no region.")
    return checked(found[0])


def checked(region: str | None) -> str:
    """Return *region* when its stores may be opened here and now; None means the only one that this process serves.

    Raises WrongRegion, AcrossRegions or NoRegion.
    """
    within = behalf.current().region
    if not settings.REGIONS:
        if within:
            raise NoRegion(f"This belongs to the region {within}, but REGIONS declares none.")
        return ""
    if region is None:
        region = within or (served()[0] if len(served()) == 1 else "")
    if not region:
        raise NoRegion("The question names no region, and this process serves several.")
    if not is_served(region):
        raise WrongRegion(region)
    if within and region != within:
        raise AcrossRegions(region, within=within)
    return region


def stores(region: str) -> Stores:
    """Return the stores of *region*. Raises as `checked`."""
    if not checked(region):
        return Stores("clickhouse", "default", settings.EVENT_LOG_URL, settings.REDIS_URL, "default", "default")
    found = settings.REGIONS[region]
    return Stores(found.database, found.consent, found.event_log_url, found.redis_url, region, region)


def collect_url(region: str) -> str:
    """Return the address of the door of events of *region*, without a slash at its end."""
    found = settings.REGIONS.get(region)
    return found.collect_url if found else settings.COLLECT_URL.rstrip("/")


def web_url(region: str) -> str:
    """Return the address of the pages of *region*; empty where nobody has said."""
    found = settings.REGIONS.get(region)
    return found.web_url if found else ""


def title(region: str) -> str:
    """Return what people call a region."""
    found = settings.REGIONS.get(region)
    return found.title if found else region


def _region_of(property_id: int) -> str:
    known = _found.get(property_id)
    if known is not None:
        return known
    region = _lookups[0](property_id) if _lookups else None
    if not region:
        why = "has no region: `manage.py assign_region` gives it one" if region == "" else "does not exist"
        raise NoRegion(f"The property {property_id} {why}, so it is not known whose stores are meant.")
    if len(_found) >= _MOST:
        _found.clear()
    _found[property_id] = region
    return region


def forget() -> None:
    """Ask anew for everything. For tests."""
    _found.clear()
