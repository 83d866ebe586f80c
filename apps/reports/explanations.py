"""Why a touchpoint earned what it did, as a sentence in the reader's language. The engine names the rule by a code."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.attribution import api as attribution
from apps.reports import wording
from apps.shared.templatetags.figures import span

# Each code of the engine; a test compares them with its list.
SENTENCES: dict[str, str | Promise] = {
    "after_conversion": gettext_lazy("It came after the conversion."),
    "outside_click_lookback": gettext_lazy("It is %(age)s old; clicks and visits count for %(lookback)s."),
    "outside_view_lookback": gettext_lazy("It is %(age)s old; views count for %(lookback)s."),
    "direct_yields": gettext_lazy("Direct gets credit only where there is nothing else inside the window."),
    "not_paid_click": gettext_lazy("It is not a paid click, and the journey has one."),
    "only_touchpoint": gettext_lazy("It is the only touchpoint that counts."),
    "repeated": gettext_lazy("Another touchpoint of %(channel)s stands for it."),
    "equal_share": gettext_lazy("Each of the %(touchpoints)s touchpoints gets the same."),
    "equal_share_of_channel": gettext_lazy(
        "Each of the %(channels)s channels gets the same; %(channel)s divides it among %(touchpoints)s."
    ),
    "first": gettext_lazy("It is the first touchpoint that counts."),
    "last": gettext_lazy("It is the last touchpoint that counts."),
    "milestone": gettext_lazy("It is the last touchpoint before the milestone."),
    "rest": gettext_lazy("It shares what the touchpoints between the named ones get."),
    "several_roles": gettext_lazy("It is %(roles)s at once."),
    "not_first": gettext_lazy("It is not the first touchpoint that counts."),
    "not_last": gettext_lazy("It is not the last touchpoint that counts."),
    "decayed": gettext_lazy("It is %(age)s old; credit halves every %(half_life)s."),
    "custom_weight": gettext_lazy("It is number %(place)s of %(touchpoints)s and is weighted accordingly."),
    "learned_weight": gettext_lazy(
        "The fit weighs %(channel)s with %(percent)s %% of what this journey's touchpoints weigh."
    ),
    "no_weight": gettext_lazy("The fit found no weight for %(channel)s."),
    "caused": gettext_lazy(
        "At an age of %(age)s, %(channel)s makes up %(percent)s %% of the intensity of conversions."
    ),
    "no_effect": gettext_lazy(
        "No effect of %(channel)s is left at an age of %(age)s, or none could be told from chance."
    ),
    "zero_weight": gettext_lazy("The method gives touchpoints in this place no weight."),
    "all_zero": gettext_lazy("All weights came out zero, so each of the %(touchpoints)s touchpoints gets the same."),
    "identity_missing": gettext_lazy("The conversion carried no id by which its touchpoints could be found."),
    "no_touchpoint": gettext_lazy("No touchpoint of this person is known."),
    "outside_window": gettext_lazy("Every touchpoint lies outside its window."),
}
ROLES: dict[str, str | Promise] = {
    "first": pgettext_lazy("role in a journey", "first"),
    "last": pgettext_lazy("role in a journey", "last"),
    "milestone": pgettext_lazy("role in a journey", "before the milestone"),
    "rest": pgettext_lazy("role in a journey", "in between"),
}


def why(touch: attribution.TouchpointCredit) -> str:
    """Return the rule that decided about a touchpoint, in a sentence."""
    return sentence(touch.code, touch.parameters)


def sentence(code: str, parameters: Mapping[str, str | int | float]) -> str:
    """Return the sentence of a code with its parameters filled in."""
    words: dict[str, str] = {}
    for name, value in parameters.items():
        if name.endswith("_ms"):
            words[name.removesuffix("_ms")] = span(int(value))
        elif name == "roles":
            words[name] = _(" and ").join(str(ROLES[role]) for role in str(value).split(", "))
        else:
            words[name] = wording.channel_title(str(value)) if name == "channel" else str(value)
    if "age" in words and words["age"] == words.get("lookback"):  # both ends count, so a hair decides
        words["age"] = _("just over %(span)s") % {"span": words["age"]}
    return str(SENTENCES[code]) % words
