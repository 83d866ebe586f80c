"""Gives the writer its inspection."""

from collections.abc import Collection, Mapping
from functools import cache

from apps.ingestion import api as ingestion
from apps.ingestion.domain.marks import Mark
from apps.quality import queries
from apps.quality.domain.plans import Plan
from apps.quality.domain.tallies import BlockTally


class PropertyPlans:
    """The plan of each property, some seconds old at most."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._plans = ingestion.remembered(queries.plan_of)

    def inspector_of(self, property_id: int) -> Plan | None:
        """Return the plan of a property, or None where it expects nothing."""
        return self._plans(property_id)

    def tally(self) -> BlockTally:
        """Return a tally for one block."""
        return BlockTally()

    def marks(self, shares: Collection[str]) -> Mapping[str, Mark]:
        """Return how far each of *shares* of the log is counted, those that have a mark."""
        return queries.marks_of(shares, region=self._region)

    def forget(self) -> None:
        """Ask anew for every plan."""
        self._plans.forget()


def inspection(region: str = "") -> PropertyPlans:
    """Return the inspection of this process for a region."""
    return _inspection(region)


@cache
def _inspection(region: str) -> PropertyPlans:
    return PropertyPlans(region)
