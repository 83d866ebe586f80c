"""Rules, joins of ids and changes in words, for pages of this app and the reports."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.attribution.domain.lookbacks import BadOverrides

RULES: dict[str, str | Promise] = {
    "login": gettext_lazy("one event named both"),
    "alias": gettext_lazy("an alias"),
}
# What came of two ids that came together: in words, and the tone of the badge.
OUTCOMES: dict[str, tuple[str | Promise, str]] = {
    "joined": (gettext_lazy("one person"), "good"),
    "shared": (gettext_lazy("shared device"), ""),
    "crowd": (gettext_lazy("too many users"), "warn"),
    "apart": (gettext_lazy("kept apart"), "accent"),
}
ACTS: dict[str, str | Promise] = {
    "rules": gettext_lazy("Rules about ids"),
    "part": gettext_lazy("Kept apart"),
    "join": gettext_lazy("May join again"),
}

# By the codes of BadOverrides.
OVERRIDE_PROBLEMS: dict[str, str | Promise] = {
    "nobody": gettext_lazy("name a source, a campaign or an ad group"),
    "no_lookback": gettext_lazy("give hours for clicks or for views"),
    "range": gettext_lazy("clicks count 1 to 2160 hours, views 1 to 168"),
    "long": gettext_lazy("a name has at most 300 characters"),
    "twice": gettext_lazy("another line is for the same"),
    "many": gettext_lazy("at most 200 lines"),
    "unknown": gettext_lazy("hours are numbers"),
}


def lookback_problem(error: BadOverrides) -> str:
    """Return what is wrong with which line, as a sentence."""
    number, code = error.args
    return _("Line %(number)d of the lookbacks: %(words)s.") % {"number": number, "words": OVERRIDE_PROBLEMS[code]}
