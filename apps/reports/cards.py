"""The figures at the head of the overview, each with its definition and its change."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext as _

from apps.attribution import api as attribution
from apps.reports import wording
from apps.reports.domain.changes import change
from apps.reports.domain.spend import Spend, cost_per_conversion, return_on_spend
from apps.shared.templatetags.figures import money, number, percent, signed_percent, times

Value = int | float | Decimal | None
Better = Literal["more", "less", "neither"]


@dataclass(frozen=True, slots=True)
class Card:
    """One figure, formatted."""

    label: str
    value: str
    definition: wording.Words
    ratio: float | None = None
    href: str = ""
    better: Better = "more"

    @property
    def change(self) -> str:
        """The change with its sign, or nothing."""
        return "" if self.ratio is None else signed_percent(self.ratio)

    @property
    def trend(self) -> str:
        """Which way the figure went."""
        return "up" if self.ratio and self.ratio > 0 else "down" if self.ratio and self.ratio < 0 else ""

    @property
    def tone(self) -> str:
        """Whether that is good: more of most figures is, less of a cost, and of what one spends neither."""
        if self.better == "neither":
            return ""
        good = "up" if self.better == "more" else "down"
        return ("good" if self.trend == good else "bad") if self.trend else ""


def attributed_share(totals: attribution.Totals) -> float | None:
    """Return which part of the conversions has credit."""
    return totals.attributed / totals.conversions if totals.conversions else None


def average_value(totals: attribution.Totals) -> Decimal | None:
    """Return the revenue of one conversion; those in other currencies are in neither part of the fraction."""
    counted = totals.conversions - sum(other.conversions for other in totals.other_currencies)
    return totals.revenue / Decimal(str(counted)) if counted else None


def cards(
    now: attribution.Totals,
    before: attribution.Totals | None,
    *,
    currency: str,
    list_url: str,
    unattributed_url: str,
    is_part: bool = False,
) -> list[Card]:
    """Return the cards of the overview; without *before* they say nothing about change.

    *is_part*: the totals are what some sources are credited with, and all of that is attributed.
    """
    share, average = attributed_share(now), average_value(now)
    was_share = attributed_share(before) if before else None
    was_average = average_value(before) if before else None
    words = wording.DEFINITIONS
    every = [
        Card(
            _("Conversions"),
            number(now.conversions, 2 if is_part else 0),
            words["conversions"],
            change(now.conversions, before.conversions if before else None),
            list_url,
        ),
        Card(
            _("Revenue"),
            money(now.revenue, currency),
            words["revenue"],
            change(now.revenue, before.revenue if before else None),
        ),
        Card(_("Attributed"), percent(share), words["attributed"], change(share, was_share), unattributed_url),
        Card(_("Average value"), money(average, currency), words["average"], change(average, was_average)),
    ]
    return [card for card in every if not (is_part and card.definition is words["attributed"])]


def spend_cards(
    now: attribution.Totals,
    spend: Spend,
    before: attribution.Totals | None,
    spend_before: Spend | None,
    *,
    currency: str,
) -> list[Card]:
    """Return what was spent and what that bought; over all conversions, so that credit rules do not move it."""
    words, definitions = wording.SPEND, wording.DEFINITIONS
    was_cost = spend_before.total if spend_before else None
    per, was_per = (
        cost_per_conversion(spend.total, now.conversions),
        cost_per_conversion(was_cost, before.conversions) if before else None,
    )
    back = return_on_spend(now.revenue, spend.total)
    was_back = return_on_spend(before.revenue, was_cost) if before else None
    return [
        Card(
            str(words["cost"]),
            money(spend.total, currency),
            definitions["cost"],
            change(spend.total, was_cost),
            better="neither",
        ),
        Card(
            str(words["cost_per_conversion"]),
            money(per, currency),
            definitions["cost_per_conversion"],
            change(per, was_per),
            better="less",
        ),
        Card(str(words["return_on_spend"]), times(back), definitions["return_on_spend"], change(back, was_back)),
    ]
