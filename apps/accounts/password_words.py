"""Passwords that say no more than where they are used: of words of this product, figures and signs alone."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Documented in docs/signing-in.md.
WORDS = ("tributary", "attribution", "marketing", "analytics", "campaign", "password", "secret", "welcome", "admin",
         "owner", "analyst", "marketer", "developer", "viewer", "guest", "support", "login")  # fmt: skip
_WORDS = re.compile("|".join(sorted(WORDS, key=len, reverse=True)))
_OWN_LETTERS = 4  # less than that beside the words is no secret


class ProductWordsValidator:
    """Refuses them."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002
        """Raise ValidationError for a password with too little of its own."""
        rest = re.sub(r"[\W\d_]", "", _WORDS.sub("", password.lower()))
        if _WORDS.search(password.lower()) and len(rest) < _OWN_LETTERS:
            raise ValidationError(self.get_help_text(), code="password_of_product_words")

    def get_help_text(self) -> str:
        """Return what a password should be."""
        return _("A password of words like “tributary” or “admin” with a few figures is guessed at once.")
