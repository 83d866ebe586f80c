"""Ad spend: what one source, campaign or channel cost in a period, in one currency."""

from dataclasses import dataclass
from decimal import Decimal


class UnknownSpendDimension(LookupError):
    """Ad spend is nobody's: it has no country and no device."""


@dataclass(frozen=True, slots=True)
class SpendRow:
    """The cost of one key in one currency."""

    key: str
    currency: str
    cost: Decimal
