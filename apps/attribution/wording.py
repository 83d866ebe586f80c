"""Joins of ids, and changes of the rules about them, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RULES: dict[str, str | Promise] = {
    "login": _("one event named both"),
    "alias": _("an alias"),
}
# What came of two ids that came together: in words, and the tone of the badge.
OUTCOMES: dict[str, tuple[str | Promise, str]] = {
    "joined": (_("one person"), "good"),
    "shared": (_("shared device"), ""),
    "crowd": (_("too many users"), "warn"),
    "apart": (_("kept apart"), "accent"),
}
ACTS: dict[str, str | Promise] = {
    "rules": _("Rules about ids"),
    "part": _("Kept apart"),
    "join": _("May join again"),
}
