"""The door for other apps."""

from apps.quality.forms.sentences import said_of_end
from apps.quality.queries import names_of, unseen_breaches
from apps.quality.services import create_expectation

__all__ = ["create_expectation", "names_of", "said_of_end", "unseen_breaches"]
