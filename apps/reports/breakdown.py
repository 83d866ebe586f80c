"""Credit by channel, source, campaign or medium: rows in the wanted order, with what each was before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.attribution import api as attribution
from apps.reports import fits, wording
from apps.reports.domain.changes import change
from apps.reports.domain.charts import series_numbers
from apps.reports.domain.spend import Spend, cost_per_conversion, return_on_spend
from apps.reports.domain.state import DIMENSIONS, ReportState
from apps.reports.queries import MOST_ROWS
from apps.shared.templatetags.figures import percent

BASELINE = "Baseline"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the breakdown."""

    key: str
    title: str
    conversions: float
    revenue: Decimal
    share: float
    before: Decimal | None
    change: float | None
    touched: int
    number: int
    filter_url: str
    interval: str = ""
    cost: Decimal | None = None

    @property
    def cost_per_conversion(self) -> Decimal | None:
        """What a conversion of this row cost."""
        return cost_per_conversion(self.cost, self.conversions)

    @property
    def return_on_spend(self) -> float | None:
        """The revenue for each unit of money that was spent."""
        return return_on_spend(self.revenue, self.cost)

    @property
    def trend(self) -> str:
        """Which way the change goes."""
        if not self.change:
            return ""
        return "good" if self.change > 0 else "bad"


def breakdown_rows(
    state: ReportState,
    now: Sequence[attribution.CreditRow],
    before: Iterable[attribution.CreditRow],
    spend: Spend | None = None,
    fit: attribution.TrainingInfo | None = None,
) -> list[Row]:
    """Return the rows of *now* in the wanted order, and those that cost money and earned nothing."""
    costs = spend.by_key if spend else {}
    missing = costs.keys() - {row.key for row in now}
    # Behind the last row that fits, a key may have credit that is not known here.
    every = [*now, *(_without_credit(missing) if len(now) < MOST_ROWS else [])]
    earlier = {row.key: row.revenue for row in before}
    numbers = series_numbers([row.key for row in sorted(every, key=lambda row: -row.conversions)])
    rows = [_row(state, row, earlier.get(row.key), numbers[row.key], costs.get(row.key), fit) for row in every]
    rows.sort(key=lambda row: row.title.casefold())
    return sorted(rows, key=lambda row: _order(row, state.sort_key), reverse=state.is_descending)


def _without_credit(keys: Iterable[str]) -> list[attribution.CreditRow]:
    return [attribution.CreditRow(key, 0.0, Decimal(0), 0, 0.0) for key in sorted(keys)]


def _row(
    state: ReportState,
    row: attribution.CreditRow,
    before: Decimal | None,
    number: int,
    cost: Decimal | None,
    fit: attribution.TrainingInfo | None,
) -> Row:
    ends = fits.interval_of(fit, row.key, row.share) if state.dimension == "channel" else None
    is_baseline = fit is not None and row.key == BASELINE
    return Row(
        key=row.key,
        title=key_title(state.dimension, row.key),
        conversions=row.conversions,
        revenue=row.revenue,
        share=row.share,
        before=before,
        change=change(row.revenue, before),
        touched=row.touched,
        number=number if state.dimension == "channel" else 0,
        filter_url=state.with_filter(state.dimension, row.key) if row.key and not is_baseline else "",
        interval=f"{percent(ends[0])} – {percent(ends[1])}" if ends else "",
        cost=cost,
    )


def _order(row: Row, key: str) -> Any:
    if key == "name":
        return row.title.casefold()
    value = getattr(row, key)
    return value if value is not None else float("-inf")


def key_title(dimension: str, key: str) -> str:
    """Return a key as readers name it; an empty one is said, not left blank."""
    if not key:
        return _("(none)")
    return wording.channel_title(key) if dimension == "channel" or key == BASELINE else key


def columns(
    state: ReportState, *, has_comparison: bool, has_intervals: bool = False, has_spend: bool = False
) -> list[dict[str, Any]]:
    """Return the head of the table, each column with the address that orders by it."""
    heads = [
        ("name", wording.DIMENSIONS[state.dimension], False),
        ("conversions", _("Conversions"), True),
        ("revenue", _("Revenue"), True),
        ("share", _("Share"), True),
    ]
    if has_comparison:
        heads.append(("change", _("Revenue change"), True))
    if has_spend:
        heads += [(key, str(label), True) for key, label in wording.SPEND_HEADS.items()]
    found: list[dict[str, Any]] = [
        {
            "label": label,
            "is_numeric": is_numeric,
            "sort_url": state.sorted_by(key),
            "sorted": ("descending" if state.is_descending else "ascending") if state.sort_key == key else "",
        }
        for key, label, is_numeric in heads
    ]
    if has_intervals:
        found.insert(4, {"label": _("95 % interval"), "is_numeric": True})
    return found


def tabs(state: ReportState) -> list[dict[str, Any]]:
    """Return the breakdowns to choose from."""
    return [
        {"label": wording.DIMENSIONS[name], "url": state.query(dimension=name), "is_current": name == state.dimension}
        for name in DIMENSIONS
    ]
