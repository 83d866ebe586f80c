"""The door for other apps."""

from apps.quality.queries import names_of, unseen_breaches
from apps.quality.services import create_expectation

__all__ = ["create_expectation", "names_of", "unseen_breaches"]
