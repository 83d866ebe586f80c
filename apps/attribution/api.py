"""The door for other apps."""

from apps.attribution.services import build_journeys, create_goal, delete_property

__all__ = ["build_journeys", "create_goal", "delete_property"]
