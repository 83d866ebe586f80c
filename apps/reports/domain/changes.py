"""How much a figure changed. Nothing is said where a change makes no sense."""

from decimal import Decimal

Value = int | float | Decimal | None


def change(now: Value, before: Value) -> float | None:
    """Return the change as a share of *before*, or None where there was nothing or less than nothing to grow from."""
    if now is None or before is None or before <= 0:
        return None
    return float(now) / float(before) - 1
