"""The figures at the head of the overview, each with its definition and its change."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.attribution import api as attribution
from apps.reports import wording
from apps.reports.domain.changes import change
from apps.shared.templatetags.figures import money, number, percent, signed_percent

Value = int | float | Decimal | None


@dataclass(frozen=True, slots=True)
class Card:
    """One figure, formatted."""

    label: str
    value: str
    definition: wording.Words
    ratio: float | None = None
    href: str = ""

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
        """More of each of these figures is better."""
        return {"up": "good", "down": "bad"}.get(self.trend, "")


def attributed_share(totals: attribution.Totals) -> float | None:
    """Return which part of the conversions has credit."""
    return totals.attributed / totals.conversions if totals.conversions else None


def average_value(totals: attribution.Totals) -> Decimal | None:
    """Return the revenue of one conversion; those in other currencies are in neither part of the fraction."""
    counted = totals.conversions - sum(other.conversions for other in totals.other_currencies)
    return totals.revenue / counted if counted else None


def cards(
    now: attribution.Totals,
    before: attribution.Totals | None,
    *,
    currency: str,
    list_url: str,
    unattributed_url: str,
) -> list[Card]:
    """Return the cards of the overview; without *before* they say nothing about change."""
    share, average = attributed_share(now), average_value(now)
    was_share = attributed_share(before) if before else None
    was_average = average_value(before) if before else None
    words = wording.DEFINITIONS
    return [
        Card(
            _("Conversions"),
            number(now.conversions),
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
