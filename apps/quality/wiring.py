"""Gives the writer its inspection."""

from functools import cache

from apps.ingestion import api as ingestion
from apps.quality import queries
from apps.quality.domain.plans import Plan
from apps.quality.domain.tallies import BlockTally


class PropertyPlans:
    """The plan of each property, some seconds old at most."""

    def __init__(self) -> None:
        self._plans = ingestion.remembered(queries.plan_of)

    def inspector_of(self, property_id: int) -> Plan | None:
        """Return the plan of a property, or None where it expects nothing."""
        return self._plans(property_id)

    def tally(self) -> BlockTally:
        """Return a tally for one block."""
        return BlockTally()

    def forget(self) -> None:
        """Ask anew for every plan."""
        self._plans.forget()


@cache
def inspection() -> PropertyPlans:
    """Return the inspection of this process."""
    return PropertyPlans()
