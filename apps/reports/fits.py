"""What a fit says, in words: on what it was trained, how well it foretells, why it cannot tell, and what has moved."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.attribution import api as attribution
from apps.orgs import api as orgs
from apps.reports import wording
from apps.reports.addresses import page_url
from apps.reports.domain import charts
from apps.reports.domain.charts import channel_number
from apps.shared.templatetags.figures import day, number, percent, span

Words = str | Promise
REFUSALS: dict[str, Words] = {
    "no_conversions": gettext_lazy("Nobody reached the goal in this window, so there is nothing to learn from."),
    "no_channels": gettext_lazy("No path in this window has a touchpoint that could be credited."),
    "too_many_channels": gettext_lazy("There are more channels than the method can tell apart. Group them first."),
    "too_few_conversions": gettext_lazy(
        "Too few conversions came after a touchpoint for an effect to be told from chance. Choose a longer window, "
        "or come back when there are more."
    ),
    "too_few_people": gettext_lazy(
        "Too few people did not convert. Without them nobody knows what happens anyway: send page views of all "
        "visitors, not of buyers alone."
    ),
    "not_distinguishable": gettext_lazy(
        "Touchpoints do not help to foretell who converts, so the method names no effect rather than a false one."
    ),
}
NOTES: dict[str, Words] = {
    "families_alike": gettext_lazy(
        "Two ways of seeing the data, by time and by visit, foretell equally well. They can differ in what they "
        "credit, and only an experiment decides between them."
    ),
    "substitution_unknown": gettext_lazy(
        "Whether a visit would have come directly without its channel is not in the data. The fit assumes so: shares "
        "of channels depend on it little, the total much. Only an experiment with a channel switched off tells."
    ),
    "no_effect": gettext_lazy("No effect of %(channel)s could be told from chance: it gets no credit."),
}
REPEATS: dict[str, Words] = {
    "keep": gettext_lazy("Every touchpoint counts"),
    "collapse": gettext_lazy("Repeats in a row are one"),
    "first_of_each": gettext_lazy("The first of each channel"),
    "distinct": gettext_lazy("The last of each channel"),
}
PARAMETERS: dict[str, Words] = {"order": gettext_lazy("Order of the chain")}
QUALITY: dict[str, tuple[Words, Words]] = {
    "caused_low": (
        gettext_lazy("Caused by channels, at least"),
        gettext_lazy("Of all conversions, if every visit would have come without its channel."),
    ),
    "caused_high": (
        gettext_lazy("Caused by channels, at most"),
        gettext_lazy("Of all conversions, if nothing that follows a touchpoint would have happened without it."),
    ),
    "gain": (
        gettext_lazy("Likelier than at a constant rate"),
        gettext_lazy(
            "How many times as likely the fit finds what people it has not seen did, for each of their conversions, "
            "as if everybody converted at one rate. 1 is no better."
        ),
    ),
    "auc": (
        gettext_lazy("AUC"),
        gettext_lazy("How often a conversion ranks above another moment: 0.5 is chance. It decides nothing here."),
    ),
    "replay": (
        gettext_lazy("Foretold for each that happened"),
        gettext_lazy("Conversions of people it has not seen: 1 would be exact."),
    ),
    "certainty": (
        gettext_lazy("Certainty"),
        gettext_lazy("By how many standard errors touchpoints help to foretell; below 1.6 the method refuses."),
    ),
    "other_gain": (
        gettext_lazy("The other way of seeing the data"),
        gettext_lazy("The same, by visit instead of by time or the other way round: the better one was taken."),
    ),
    "family_certainty": (gettext_lazy("Certainty of the choice of family"), gettext_lazy("In standard errors.")),
    "conversion_rate": (gettext_lazy("Conversion rate"), gettext_lazy("Of all paths of the window.")),
    "sampling_error": (
        gettext_lazy("Sampling error"),
        gettext_lazy("Of a share, from drawing orders of channels; 0 means that every order was counted."),
    ),
}
_TIMES = ("gain", "other_gain")
_RATES = ("conversion_rate", "sampling_error", "caused_low", "caused_high")


@dataclass(frozen=True, slots=True)
class ShareRow:
    """What a fit says of one channel, beside the fit before."""

    title: str
    number: int
    share: float
    low: float
    high: float
    before: float | None
    has_moved: bool
    is_baseline: bool

    @property
    def interval(self) -> str:
        """The 95 % interval."""
        return f"{percent(self.low)} – {percent(self.high)}"


def first_day(fit: attribution.TrainingInfo) -> date:
    """Return the first day of a window by the property's clock."""
    return timezone.localtime(fit.window_from).date()


def last_day(fit: attribution.TrainingInfo) -> date:
    """Return the last day of a window by the property's clock: the end itself is not part of it."""
    return timezone.localtime(fit.window_to - timedelta(milliseconds=1)).date()


def trained_on(fit: attribution.TrainingInfo) -> str:
    """Return what a fit rests on, in a line."""
    parts = [
        _("Trained on %(paths)s paths with %(conversions)s conversions, %(begin)s until %(end)s")
        % {
            "paths": number(fit.paths),
            "conversions": number(fit.conversions),
            "begin": day(first_day(fit)),
            "end": day(last_day(fit)),
        }
    ]
    if fit.lookbacks:
        parts.append(_lookbacks(fit.lookbacks))
    if fit.parameters.get("repeats", "keep") != "keep":
        parts.append(str(REPEATS[str(fit.parameters["repeats"])]).lower())
    if fit.parameters.get("drops_direct"):
        parts.append(_("without direct unless all was direct"))
    if fit.sampled < 1:
        parts.append(_("a sample of %(part)s of the people") % {"part": percent(fit.sampled)})
    if "log_loss" in fit.quality:
        parts.append(
            _("conversions of people it has not seen are %(times)s as likely under it as at a constant rate")
            % {"times": _times(_gains(fit.quality)["gain"])}
        )
    return "; ".join(parts).rstrip(".") + "."  # a day may end with the point of an abbreviation


def notes(fit: attribution.TrainingInfo) -> list[str]:
    """Return what a reader should know of a fit."""
    said = []
    for note in fit.notes:
        code, _colon, channel = note.partition(":")
        said.append(str(NOTES.get(code, note)) % {"channel": wording.channel_title(channel)} if code in NOTES else note)
    return said


def moves(fit: attribution.TrainingInfo) -> str:
    """Return which shares left their intervals, in a sentence."""
    told = [
        f"{wording.channel_title(move.channel)} {percent(move.before)} → {percent(move.now)}" for move in fit.moves[:4]
    ]
    rest = len(fit.moves) - len(told)
    more = ngettext("and %(count)s more", "and %(count)s more", rest) % {"count": rest} if rest else ""
    return ", ".join(filter(None, [*told, more]))


def share_rows(fit: attribution.TrainingInfo, before: attribution.TrainingInfo | None) -> list[ShareRow]:
    """Return the shares of a fit, the greatest first, the baseline last."""
    moved = {move.channel for move in fit.moves}
    ordered = sorted(fit.shares, key=lambda one: (-one.share, one.channel))
    rows = [*ordered, *((fit.baseline,) if fit.baseline else ())]
    return [
        ShareRow(
            title=wording.channel_title(one.channel),
            number=channel_number(one.channel),
            share=one.share,
            low=one.low,
            high=one.high,
            before=was.share if before and (was := before.share_of(one.channel)) else None,
            has_moved=one.channel in moved,
            is_baseline=one is fit.baseline,
        )
        for one in rows
    ]


def chart(rows: Sequence[ShareRow]) -> dict[str, Any]:
    """Return the shares with their intervals, and those of the fit before."""
    values = {_("Share"): [row.share for row in rows]}
    if any(row.before is not None for row in rows):
        values[_("The fit before")] = [row.before or 0.0 for row in rows]
    option = charts.side_by_side([row.title for row in rows], values)
    return charts.with_intervals(option, {_("Share"): [(row.low, row.high) for row in rows]}, name=_("95 % interval"))


def _lookbacks(said: attribution.TrainedLookbacks) -> str:
    words = (
        _("a click counts for %(click)s and a view for %(view)s; sources by version %(version)s of the lookbacks")
        if said.version
        else _("a click counts for %(click)s and a view for %(view)s")
    )
    return words % {"click": span(said.click), "view": span(said.view), "version": number(said.version)}


def quality_rows(fit: attribution.TrainingInfo) -> list[dict[str, Any]]:
    """Return how well a fit fits: name, figure and meaning."""
    quality = dict(fit.quality) | _gains(fit.quality)
    return [
        {
            "name": words[0],
            "meaning": words[1],
            "figure": _figure(name, quality[name]),
        }
        for name, words in QUALITY.items()
        if name in quality
    ]


def _figure(name: str, value: float) -> str:
    if name in _TIMES:
        return _times(value)
    return percent(value, 2) if name in _RATES else number(value, 3)


def _times(gain: float) -> str:
    """Return a gain in log-loss as a factor: how many times as likely each conversion is, on average."""
    return _("%(factor)s times") % {"factor": number(math.exp(gain), 2)}


def _gains(quality: Mapping[str, float]) -> dict[str, float]:
    """Return by how much a fit beats a constant rate, per conversion.

    Log-losses themselves are densities in time: they depend on its unit and can be negative, their difference not.
    """
    base = quality.get("base_log_loss")
    named = {"gain": "log_loss", "other_gain": "other_log_loss"}
    return {} if base is None else {name: base - quality[loss] for name, loss in named.items() if loss in quality}


def refusal(fit: attribution.TrainingInfo) -> Words:
    """Return why a method cannot tell, in words a marketer reads."""
    return REFUSALS.get(fit.refusal, fit.error)


def notice(info: orgs.PropertyInfo, fits: Mapping[str, attribution.TrainingInfo]) -> list[dict[str, Any]]:
    """Return the fits whose shares moved more than their intervals and that nobody has looked at."""
    return [
        {
            "title": wording.METHOD_TITLES[fit.method],
            "moves": moves(fit),
            "url": page_url(info, "training-detail", str(fit.id)),
            "seen_url": page_url(info, "training-seen", str(fit.id)),
        }
        for fit in fits.values()
        if fit.moves and not fit.is_move_seen
    ]


def interval_of(fit: attribution.TrainingInfo | None, channel: str, share: float) -> tuple[float, float] | None:
    """Return the interval of a report's share: the fit's own, in proportion to how far the two are apart.

    A report shows another period than the fit was trained on, so its share is another figure; what is uncertain in it
    is the weight of the channel.
    """
    one = fit.share_of(channel) if fit else None
    if one is None or not one.share:
        return None
    scale = share / one.share
    return max(0.0, one.low * scale), min(1.0, one.high * scale)
