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
from apps.reports.domain.state import DIMENSIONS, ReportState
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
    fit: attribution.TrainingInfo | None = None,
) -> list[Row]:
    """Return the rows of *now* in the wanted order."""
    earlier = {row.key: row.revenue for row in before}
    numbers = series_numbers([row.key for row in sorted(now, key=lambda row: -row.conversions)])
    rows = [_row(state, row, earlier.get(row.key), numbers[row.key], fit) for row in now]
    rows.sort(key=lambda row: row.title.casefold())
    return sorted(rows, key=lambda row: _order(row, state.sort_key), reverse=state.is_descending)


def _row(
    state: ReportState,
    row: attribution.CreditRow,
    before: Decimal | None,
    number: int,
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
    )


def _order(row: Row, key: str) -> Any:
    if key == "name":
        return row.title.casefold()
    if key == "change":
        return row.change if row.change is not None else float("-inf")
    return getattr(row, key)


def key_title(dimension: str, key: str) -> str:
    """Return a key as readers name it; an empty one is said, not left blank."""
    if not key:
        return _("(none)")
    return wording.channel_title(key) if dimension == "channel" or key == BASELINE else key


def columns(state: ReportState, *, has_comparison: bool, has_intervals: bool) -> list[dict[str, Any]]:
    """Return the head of the table, each column with the address that orders by it."""
    heads = [
        ("name", wording.DIMENSIONS[state.dimension], False),
        ("conversions", _("Conversions"), True),
        ("revenue", _("Revenue"), True),
        ("share", _("Share"), True),
    ]
    if has_comparison:
        heads.append(("change", _("Revenue change"), True))
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
