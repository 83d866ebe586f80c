"""The controls around a report: dates, goal, method, lookbacks and filters, read from the address and drawn again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from babel import Locale
from babel.dates import format_interval
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.attribution import api as attribution
from apps.orgs import api as orgs
from apps.quality import api as quality
from apps.reports import fits, wording
from apps.reports.addresses import page_url
from apps.reports.domain import periods
from apps.reports.domain.addresses import read_state
from apps.reports.domain.periods import Period
from apps.reports.domain.state import CLICK_LOOKBACKS, VIEW_LOOKBACKS, ReportState, hours
from apps.shared import navigation
from apps.shared.templatetags.figures import span

_SHOWN_BREACHES = 3
# The pages that understand the choices of one another.
CARRYING = ("overview", "methods", "what-if", "conversion-list", "unattributed")


@dataclass(frozen=True, slots=True)
class Frame:
    """What a report shows, for whom, and when it is asked."""

    info: orgs.PropertyInfo
    state: ReportState
    goals: tuple[attribution.GoalInfo, ...]
    now: datetime
    compared: Period | None
    access: orgs.Access
    fits: Mapping[str, attribution.TrainingInfo]
    learned: frozenset[str] = frozenset()

    @property
    def fit(self) -> attribution.TrainingInfo | None:
        """The fit that a data-driven method credits by."""
        return self.fits.get(self.state.method)

    @property
    def needs_training(self) -> bool:
        """Whether the method has learned nothing yet."""
        return self.state.method in wording.LEARNED_TITLES and self.state.method not in self.learned

    @property
    def goal(self) -> attribution.GoalInfo | None:
        """The goal that is shown."""
        return next((goal for goal in self.goals if goal.id == self.state.goal_id), None)

    @property
    def currency(self) -> str:
        """The currency that money is shown in."""
        return self.info.currency


def read_frame(request: orgs.PropertyRequest) -> Frame:
    """Return the frame that an address means."""
    info, now = request.property, timezone.now()
    goals = tuple(attribution.goals(info.id))
    defaults = ReportState(
        period=periods.preset_period(periods.DEFAULT_PRESET, time_zone=info.time_zone, now=now),
        goal_id=next((goal.id for goal in goals), None),
        method=info.rules.default_method,
        click_lookback=info.rules.click_lookback,
        view_lookback=info.rules.view_lookback,
    )
    query = {name: request.GET.getlist(name) for name in request.GET}
    state = read_state(
        query, defaults=defaults, goal_ids=[goal.id for goal in goals], methods=wording.METHOD_TITLES, now=now
    )
    compared = periods.compared_period(state.period, state.comparison, now=now)
    found = attribution.fits_in_force(info.id, goal_id=state.goal_id) if state.goal_id is not None else {}
    # A fit tells of every channel. Who is limited to some sources or countries has their credit by it, and not the fit.
    limits = request.access.limits
    if limits.sources:
        state = replace(state, click_lookback=defaults.click_lookback, view_lookback=defaults.view_lookback)
    return Frame(
        info=info,
        state=state,
        goals=goals,
        now=now,
        compared=compared,
        access=request.access,
        fits={} if limits else found,
        learned=frozenset(found),
    )


def period_text(period: Period) -> str:
    """Return a period as a reader writes it: Oct 24 – Nov 22, 2026."""
    locale = Locale.parse((get_language() or "en").replace("-", "_"))
    return format_interval(period.starts_on, period.ends_on, skeleton="yMMMd", locale=locale)


def controls(frame: Frame, request: orgs.PropertyRequest) -> dict[str, Any]:
    """Return what the controls of a page show."""
    state = frame.state
    return {
        "frame": frame,
        "state": state,
        "currency": frame.currency,
        "goal": frame.goal,
        "period_text": period_text(state.period),
        "is_incomplete": state.period.is_incomplete(frame.now),
        "presets": _presets(frame),
        "comparisons": list(wording.COMPARISONS.items()),
        "compared_text": period_text(frame.compared) if frame.compared else "",
        "latest": periods.day_of(frame.now, frame.info.time_zone),
        "goal_options": [(goal.id, goal.name) for goal in frame.goals],
        "method_title": wording.METHOD_TITLES[state.method],
        "methods": method_links(state),
        **trained(frame),
        "breached": _breached(frame),
        "click_options": _lookbacks(CLICK_LOOKBACKS, state.click_lookback),
        "view_options": _lookbacks(VIEW_LOOKBACKS, state.view_lookback),
        "click": hours(state.click_lookback),
        "view": hours(state.view_lookback),
        "chips": _chips(state),
        "problem": _problem(state),
        "definitions": wording.DEFINITIONS,
        "query": state.query(),
        "nav": _navigation(request, state),
        "freshness": attribution.freshness(frame.info.id),
        "limits": _limits(frame),
    }


def trained(frame: Frame) -> dict[str, Any]:
    """Return what the method has learned and from what, or the way to train it; and which fits have moved."""
    place = page_url(frame.info, "training-list") + f"?goal={frame.state.goal_id or ''}&method={frame.state.method}"
    return {
        "needs_training": frame.needs_training,
        "training_url": place if frame.access.may(orgs.Permission.JOURNEYS) else "",
        "trained_on": fits.trained_on(frame.fit) if frame.fit else "",
        "fit_url": page_url(frame.info, "training-detail", str(frame.fit.id)) if frame.fit else "",
        "moved_fits": fits.notice(frame.info, frame.fits),
    }


def _breached(frame: Frame) -> list[dict[str, Any]]:
    """Return which streams are not as expected, or are so again, for those who may look into it."""
    if not frame.access.may(orgs.Permission.EVENTS):
        return []
    url = reverse("quality:overview", args=(frame.info.organization_slug, frame.info.slug))
    found = quality.unseen_breaches(frame.info.id, now=frame.now).exclude(end="withdrawn")[:_SHOWN_BREACHES]
    return [{"title": one.expectation.name, "is_over": bool(one.end), "url": url} for one in found]


def _limits(frame: Frame) -> str:
    """Return what the reader is limited to, so that no figure is taken for the whole."""
    limits = frame.access.limits
    return ", ".join((*limits.sources, *limits.countries))


def _presets(frame: Frame) -> list[dict[str, Any]]:
    state = frame.state
    made = {
        name: periods.preset_period(name, time_zone=frame.info.time_zone, now=frame.now) for name in periods.PRESETS
    }
    return [
        {
            "label": wording.PRESETS[name],
            "url": state.query(period=made[name]),
            "is_current": state.period.preset == name,
        }
        for name in made
    ]


def method_links(state: ReportState) -> list[dict[str, Any]]:
    """Return the method switch: one link per method, with what it does as its title."""
    return [
        {
            "label": title,
            "url": state.query(method=name),
            "is_current": name == state.method,
            "title": wording.CLAIMS[name].does,
        }
        for name, title in wording.METHOD_TITLES.items()
    ]


def _lookbacks(offered: tuple[timedelta, ...], current: timedelta) -> list[tuple[str, str]]:
    return [(hours(value), span(value)) for value in sorted({*offered, current})]


def _chips(state: ReportState) -> list[dict[str, Any]]:
    return [
        {
            "name": wording.DIMENSIONS[name],
            "value": wording.channel_title(value) if name == "channel" else value,
            "remove_url": state.without_filter(name, value),
        }
        for name, value in state.filters
    ]


def _problem(state: ReportState) -> str:
    """Return a sentence that names what could not be read in the address."""
    if not state.problems:
        return ""
    names = get_text_list([str(wording.PROBLEMS[name]) for name in state.problems], _("and"))
    return _("The address could not be understood in part: %(names)s. The usual choice is shown instead.") % {
        "names": names
    }


def _navigation(request: orgs.PropertyRequest, state: ReportState) -> list[navigation.Link]:
    """Return the menu with this page's choices in the links of the other reports, so that they survive the walk."""
    query = state.query(filters=(), carried=(), sort="-revenue", dimension="channel")
    reports = {page_url(request.property, name) for name in CARRYING}
    links = navigation.links(request.resolver_match, may=request.access.may)
    return [replace(link, url=link.url + query) if link.url in reports and query != "?" else link for link in links]
