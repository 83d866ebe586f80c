"""What would move under other rules: both sides of each row, who gives to whom, what a promotion would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.attribution import api as attribution
from apps.reports import wording
from apps.reports.breakdown import key_title
from apps.reports.domain import charts
from apps.reports.domain.state import ReportState
from apps.shared.templatetags.figures import span

MOST_MOVES_DRAWN = 14
_UNSEEN = "\u200b"  # makes the name of a taker unlike that of the giver without being seen


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the comparison: before, after and the difference."""

    title: str
    number: int
    conversions: tuple[float, float]
    revenue: tuple[Decimal, Decimal]
    share: tuple[float, float] = (0.0, 0.0)

    @property
    def share_change(self) -> float:
        """How many hundredths of the conversions come or go."""
        return 100 * (self.share[1] - self.share[0])

    @property
    def conversions_change(self) -> float:
        """How much credit comes or goes."""
        return self.conversions[1] - self.conversions[0]

    @property
    def revenue_change(self) -> Decimal:
        """How much money comes or goes."""
        return self.revenue[1] - self.revenue[0]

    @property
    def tone(self) -> str:
        """Which way the money goes."""
        return "good" if self.revenue_change > 0 else "bad" if self.revenue_change < 0 else ""


@dataclass(frozen=True, slots=True)
class Move:
    """What one gives to another."""

    giver: str
    giver_number: int
    taker: str
    taker_number: int
    conversions: float
    revenue: Decimal
    touched: int


@dataclass(frozen=True, slots=True)
class Change:
    """One rule that a promotion would change."""

    label: str
    before: str
    after: str


def lines(
    state: ReportState,
    before: tuple[Sequence[attribution.CreditRow], attribution.Totals],
    after: tuple[Sequence[attribution.CreditRow], attribution.Totals],
) -> list[Line]:
    """Return every row of either side, the greatest movement of money first, what is unattributed last."""
    sides = [{row.key: row for row in rows} for rows, _totals in (before, after)]
    keys = list(sides[0] | sides[1])
    numbers = charts.series_numbers(keys) if state.dimension == "channel" else {}
    wholes = (float(before[1].conversions), float(after[1].conversions))
    found = [_line(state, key, numbers.get(key, 0), sides, wholes) for key in keys]
    found.sort(key=lambda one: (-abs(one.revenue_change), -abs(one.conversions_change), one.title))
    rest = Line(
        _("Unattributed"),
        0,
        (float(before[1].unattributed), float(after[1].unattributed)),
        (before[1].unattributed_revenue, after[1].unattributed_revenue),
        _shares((float(before[1].unattributed), float(after[1].unattributed)), wholes),
    )
    return [*found, rest]


def whole(totals: tuple[attribution.Totals, attribution.Totals]) -> Line:
    """Return the row that all others add up to."""
    before, after = totals
    conversions = (float(before.conversions), float(after.conversions))
    return Line(_("Total"), 0, conversions, (before.revenue, after.revenue), _shares(conversions, conversions))


def _shares(parts: tuple[float, float], wholes: tuple[float, float]) -> tuple[float, float]:
    """Return the parts of both wholes; of nothing, none."""
    before, after = (part / of if of else 0.0 for part, of in zip(parts, wholes, strict=True))
    return before, after


def _line(
    state: ReportState, key: str, number: int, sides: Sequence[dict[str, attribution.CreditRow]],
    wholes: tuple[float, float],
) -> Line:  # fmt: skip
    rows = [side.get(key) for side in sides]
    conversions = [row.conversions if row else 0.0 for row in rows]
    revenue = [row.revenue if row else Decimal(0) for row in rows]
    both = (conversions[0], conversions[1])
    return Line(key_title(state.dimension, key), number, both, (revenue[0], revenue[1]), _shares(both, wholes))


def moves(state: ReportState, found: Sequence[attribution.CreditMove]) -> list[Move]:
    """Return who gives to whom, most first, as readers name them."""
    keys = list(dict.fromkeys(key for one in found for key in (one.giver, one.taker) if key is not None))
    numbers = charts.series_numbers(keys) if state.dimension == "channel" else {}

    def name(key: str | None) -> str:
        return _("Unattributed") if key is None else key_title(state.dimension, key)

    return [
        Move(
            name(one.giver), numbers.get(one.giver or "", 0), name(one.taker), numbers.get(one.taker or "", 0),
            one.conversions, one.revenue, one.touched,
        )
        for one in found
        if round(one.conversions, 4) or one.revenue
    ]  # fmt: skip


def chart(listed: Sequence[Move]) -> dict[str, Any]:
    """Return the greatest moves as streams from the givers at the left to the takers at the right."""
    drawn = [one for one in listed if one.conversions > 0][:MOST_MOVES_DRAWN]
    colours: dict[str, int] = {}
    for one in drawn:
        colours |= {one.giver: one.giver_number, one.taker + _UNSEEN: one.taker_number}
    return charts.streams(colours, [(one.giver, one.taker + _UNSEEN, one.conversions) for one in drawn])


def changes(
    before: attribution.RuleValues, after: attribution.RuleValues, goals: Sequence[attribution.GoalInfo]
) -> list[Change]:
    """Return what a promotion would change, in words."""
    names = {goal.id: goal.name for goal in goals}
    written = {
        "goal": (_("Primary goal"), lambda one: names.get(one.goal_id, _("(archived)"))),
        "method": (_("Default method"), lambda one: str(wording.METHOD_TITLES.get(one.method, one.method))),
        "click_lookback": (_("Click lookback"), lambda one: span(one.click_lookback)),
        "view_lookback": (_("View lookback"), lambda one: span(one.view_lookback)),
        "channel_rules": (_("Channel rules"), rules_text),
        "visit_gap": (_("Visit gap"), lambda one: span(one.visit_gap)),
        "overrides": (_("Lookbacks of sources, campaigns and ad groups"), _overrides_text),
        "parameters": (_("Parameters of methods"), _parameters_text),
    }
    found = [
        Change(label, write(before), write(after))
        for label, write in (written[name] for name in before.differences(after) if name in written)
    ]
    return found + [
        Change(
            names.get(goal, _("(archived)")),
            definition_text(before.definitions[goal]),
            definition_text(after.definitions[goal]),
        )
        for goal in before.redefined(after)
    ]


def definition_text(definition: Mapping[str, Any]) -> str:
    """Return what a goal counts and what it is worth, in short."""
    said = [definition["event_name"] or pgettext("event", "any"), *(" ".join(one) for one in definition["filters"])]
    said.append(_("once per person") if definition["counting"] == "once" else _("every time"))
    if definition.get("fixed_value") is not None:
        said.append(_("worth %(value)s") % {"value": definition["fixed_value"]})
    elif definition.get("value_field"):
        said.append(_("worth its %(value)s") % {"value": definition["value_field"]})
    return " · ".join(said)


def overrides_text(stored: Sequence[Mapping[str, Any]]) -> str:
    """Return overrides as a phrase for each."""
    said = []
    for one in stored:
        names = " / ".join(one[name] for name in attribution.LOOKBACK_KEYS if name in one)
        spans = [
            f"{label} {span(timedelta(hours=one[kind]))}"
            for kind, label in (("click", _("Clicks")), ("view", _("Views")))
            if kind in one
        ]
        said.append(f"{names}: {', '.join(spans)}")
    return "; ".join(said) or _("none")


def _overrides_text(values: attribution.RuleValues) -> str:
    return overrides_text(attribution.stored_overrides(values.overrides or ()))


def _parameters_text(values: attribution.RuleValues) -> str:
    said = [
        f"{wording.METHOD_TITLES.get(method, method)}: "
        + ", ".join(f"{name} {word}" for name, word in attribution.words_of_parameters(method, own).items() if word)
        for method, own in sorted((values.parameters or {}).items())
    ]
    return "; ".join(said) or _("as by default")


def rules_text(values: attribution.RuleValues) -> str:
    """Return channel rules as a sentence for each."""
    said = []
    for rule in values.channel_rules.rules:
        conditions = _(" and ").join(
            f"{wording.DIMENSIONS[one.field]} {wording.RULE_OPERATORS[one.operator]} “{one.value}”"
            for one in rule.conditions
        )
        said.append(f"{rule.channel}: {conditions}")
    return "; ".join(said) or _("none")
