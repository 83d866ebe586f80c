"""channel_totals(): what rule-based methods give to every channel, all methods in one pass over the journeys."""

from attribution.channel_totals.totals import channel_totals

__all__ = ["channel_totals"]
