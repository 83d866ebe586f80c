"""Questions of the pages, put to attribution with the choices of the frame."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypedDict

from apps.attribution import api as attribution
from apps.ingestion import api as ingestion
from apps.reports.domain.buckets import grain_of
from apps.reports.domain.periods import Period
from apps.reports.domain.spend import Spend
from apps.reports.domain.state import Filter, ReportState

MOST_ROWS = 200
PAGE_ROWS = 50
EXPORT_ROWS = 500


class _Lookbacks(TypedDict):
    click_lookback: timedelta
    view_lookback: timedelta


class _Bounds(_Lookbacks):
    goal_id: int
    period: tuple[datetime, datetime]
    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What every question needs: whose, which goal, when, and by which rules."""

    property_id: int
    goal_id: int
    period: Period
    state: ReportState

    @property
    def lookbacks(self) -> _Lookbacks:
        """The lookbacks that were chosen."""
        return {"click_lookback": self.state.click_lookback, "view_lookback": self.state.view_lookback}

    @property
    def bounds(self) -> _Bounds:
        """Everything that narrows a figure."""
        return {
            **self.lookbacks,
            "goal_id": self.goal_id,
            "period": (self.period.starts_at, self.period.ends_at),
            "filters": self.state.filters,
        }

    def unfiltered(self) -> "Question":
        """Return the question about everything."""
        return replace(self, state=replace(self.state, filters=()))


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one period."""

    totals: attribution.Totals
    credit: list[attribution.CreditRow]
    days: list[attribution.CreditPoint]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that the overview shows; `before` is the compared period."""

    now: Figures
    before: Figures | None
    unattributed: list[attribution.UnattributedRow]


def overview(question: Question, earlier: Question | None) -> Overview:
    """Return the figures of one or two periods, asked for all at once."""
    reasons = attribution.unattributed.asked(question.property_id, **question.bounds)
    now = _figures_asked(question)
    if earlier is None:
        rows, *figures = attribution.together(reasons, *now)
        return Overview(Figures(*figures), None, rows)
    rows, *figures = attribution.together(reasons, *now, *_figures_asked(earlier))
    return Overview(Figures(*figures[: len(now)]), Figures(*figures[len(now) :]), rows)


def _figures_asked(question: Question) -> tuple[attribution.Asked[Any], ...]:
    """Return the questions behind `Figures`, in the order of its fields."""
    state, whose, bounds = question.state, question.property_id, question.bounds
    return (
        attribution.totals.asked(whose, method=state.method, **bounds),
        attribution.credit_by.asked(whose, method=state.method, dimension=state.dimension, limit=MOST_ROWS, **bounds),
        attribution.credit_by_day.asked(
            whose, method=state.method, dimension="channel", grain=grain_of(question.period), **bounds
        ),
    )


def spend(question: Question, *, currency: str) -> Spend:
    """Return the ad spend of the period, by the dimension and under the filters of the page."""
    period = (question.period.starts_at, question.period.ends_at)
    rows = ingestion.spend_by(
        question.property_id, period=period, dimension=question.state.dimension, filters=question.state.filters
    )
    others: dict[str, Decimal] = {}
    for row in rows:
        if row.currency != currency:
            others[row.currency] = others.get(row.currency, Decimal(0)) + row.cost
    return Spend({row.key: row.cost for row in rows if row.currency == currency}, tuple(others.items()))


def whole(question: Question) -> tuple[attribution.Totals, list[attribution.UnattributedRow]]:
    """Return the whole of the period, and what of it has no credit by reason."""
    asked = [
        one.asked(question.property_id, **question.bounds) for one in (attribution.totals, attribution.unattributed)
    ]
    totals, reasons = attribution.together(*asked)
    return totals, reasons


def credit(question: Question, *, dimension: str, limit: int = MOST_ROWS) -> list[attribution.CreditRow]:
    """Return the credit by the method that was chosen."""
    return attribution.credit_by(
        question.property_id, method=question.state.method, dimension=dimension, limit=limit, **question.bounds
    )


def credit_over_time(question: Question, *, dimension: str) -> list[attribution.CreditPoint]:
    """Return the credit in each day, week or month."""
    return attribution.credit_by_day(
        question.property_id,
        method=question.state.method,
        dimension=dimension,
        grain=grain_of(question.period),
        **question.bounds,
    )


def compared_methods(question: Question, *, methods: tuple[str, ...], dimension: str) -> list[attribution.MethodCredit]:
    """Return the credit by several methods."""
    return attribution.compare_methods(question.property_id, methods=methods, dimension=dimension, **question.bounds)


def conversions(
    question: Question, *, reason: str, search: str, cursor: str, limit: int = PAGE_ROWS
) -> attribution.ConversionPage:
    """Return part of the list, newest first."""
    return attribution.conversions(
        question.property_id,
        method=question.state.method,
        reason=reason,
        search=search,
        cursor=cursor,
        limit=limit,
        **question.bounds,
    )


def all_conversions(question: Question, *, reason: str, search: str) -> Iterator[attribution.ConversionRow]:
    """Yield the whole list, a page at a time, so that neither memory nor the store's limits are met."""
    cursor = ""
    while True:
        page = conversions(question, reason=reason, search=search, cursor=cursor, limit=EXPORT_ROWS)
        yield from page.rows
        cursor = page.next_cursor
        if not cursor:
            return


def journey(question: Question, *, conversion_id: str) -> attribution.JourneyDetail | None:
    """Return one conversion with its journey, or None."""
    try:
        return attribution.journey(
            question.property_id,
            conversion_id=conversion_id,
            goal_id=question.goal_id,
            method=question.state.method,
            **question.lookbacks,
        )
    except attribution.UnknownConversion:
        return None


def own_conversions(
    question: Question, *, search: str, cursor: str = "", limit: int = PAGE_ROWS
) -> attribution.OwnPage:
    """Return part of the conversions that the reader's own sources have credit for, newest first."""
    return attribution.own_conversions(
        question.property_id,
        goal_id=question.goal_id,
        period=question.bounds["period"],
        filters=question.state.filters,
        method=question.state.method,
        search=search,
        cursor=cursor,
        limit=limit,
    )


def all_own_conversions(question: Question, *, search: str) -> Iterator[attribution.OwnConversion]:
    """Yield all of them, a page at a time."""
    cursor = ""
    while True:
        page = own_conversions(question, search=search, cursor=cursor, limit=EXPORT_ROWS)
        yield from page.rows
        cursor = page.next_cursor
        if not cursor:
            return
