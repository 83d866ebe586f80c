"""Rules, joins of ids and changes in words, for pages of this app and the reports."""

from dataclasses import replace

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.attribution.domain.lookbacks import BadOverrides
from apps.attribution.domain.people import Preview

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

CHANNELS: dict[str, str | Promise] = {
    "Direct": gettext_lazy("Direct"),
    "Cross-network": gettext_lazy("Cross-network"),
    "Paid Shopping": gettext_lazy("Paid Shopping"),
    "Paid Search": gettext_lazy("Paid Search"),
    "Paid Social": gettext_lazy("Paid Social"),
    "Paid Video": gettext_lazy("Paid Video"),
    "Display": pgettext_lazy("channel", "Display"),
    "Paid Other": gettext_lazy("Paid Other"),
    "Organic Shopping": gettext_lazy("Organic Shopping"),
    "Organic Social": gettext_lazy("Organic Social"),
    "Organic Video": gettext_lazy("Organic Video"),
    "Organic Search": gettext_lazy("Organic Search"),
    "Referral": gettext_lazy("Referral"),
    "Email": pgettext_lazy("channel", "Email"),
    "Affiliates": gettext_lazy("Affiliates"),
    "Audio": gettext_lazy("Audio"),
    "SMS": gettext_lazy("SMS"),
    "Mobile Push Notifications": gettext_lazy("Mobile Push Notifications"),
    "Unassigned": gettext_lazy("Unassigned"),
    "Organic": gettext_lazy("Organic"),
    "Baseline": gettext_lazy("Baseline"),
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


def channel_title(name: str) -> str:
    """Return a channel's name in the reader's language."""
    return str(CHANNELS.get(name, name))


def in_words(preview: Preview | None) -> Preview | None:
    """Return *preview* with the channels that give and take by their names in the reader's language."""
    if preview is None:
        return None

    def title(channel: str | None) -> str | None:
        return None if channel is None else channel_title(channel)

    moves = (replace(one, giver=title(one.giver), taker=title(one.taker)) for one in preview.moves)
    return replace(preview, moves=tuple(moves))
