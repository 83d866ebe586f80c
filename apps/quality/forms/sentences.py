"""What is wrong with a rule, in the language of whoever reads the page."""

from django.utils.translation import gettext

from apps.quality.domain.rules import BadRule


def said(error: BadRule) -> str:
    """Return the sentence of *error*."""
    return gettext(error.words) % error.facts if error.facts else gettext(error.words)
