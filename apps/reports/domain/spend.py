"""Ad spend beside credit: what each key cost, and what that bought."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Spend:
    """Cost by key and in all, in the property's currency; what was spent in others stands apart, and is never added."""

    by_key: Mapping[str, Decimal] = field(default_factory=dict)
    others: tuple[tuple[str, Decimal], ...] = ()

    @property
    def total(self) -> Decimal:
        """What everything cost."""
        return sum(self.by_key.values(), Decimal(0))

    def __bool__(self) -> bool:
        """Tell whether anything was spent at all."""
        return bool(self.by_key or self.others)


def cost_per_conversion(cost: Decimal | None, conversions: float) -> Decimal | None:
    """Return what one conversion cost; nothing where none can be counted, or where less than a hundredth of one is."""
    return cost / Decimal(str(conversions)) if cost is not None and conversions >= 0.01 else None


def return_on_spend(revenue: Decimal, cost: Decimal | None) -> float | None:
    """Return the revenue for each unit of money that was spent."""
    return float(revenue / cost) if cost else None
