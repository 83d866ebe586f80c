"""All methods beside each other: how much each channel gets by each, and how much the answer depends on the choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.attribution import api as attribution
from apps.reports import fits, wording
from apps.reports.domain import charts
from apps.reports.domain.state import ReportState
from apps.shared.templatetags.figures import percent

MOST_CHANNELS_DRAWN = 6
BESIDE_LEARNED = ("last_non_direct", "first_touch", "linear")


@dataclass(frozen=True, slots=True)
class Cell:
    """What one channel gets by one method."""

    revenue: Decimal
    conversions: float
    share: float
    is_chosen: bool
    ends: tuple[float, float] | None = None

    @property
    def interval(self) -> str:
        """The 95 % interval of a learned share."""
        return f"{percent(self.ends[0])} – {percent(self.ends[1])}" if self.ends else ""


@dataclass(frozen=True, slots=True)
class Line:
    """One channel by every method; `spread` is the distance between its least and its greatest share."""

    key: str
    title: str
    number: int
    cells: tuple[Cell, ...]
    least: float
    greatest: float

    @property
    def spread(self) -> float:
        """How far the methods are apart."""
        return self.greatest - self.least


@dataclass(frozen=True, slots=True)
class Explained:
    """A method with its claims and the address that chooses it."""

    title: wording.Words
    claim: wording.Claim
    url: str
    is_chosen: bool
    needs_training: bool


def lines(
    state: ReportState,
    methods: Sequence[str],
    credits_: Sequence[attribution.MethodCredit],
    trained: Mapping[str, attribution.TrainingInfo],
) -> list[Line]:
    """Return one line per channel, the greatest by the chosen method first."""
    found = {(credit.method, credit.key): credit for credit in credits_}
    keys = list(dict.fromkeys(credit.key for credit in credits_))
    keys.sort(key=lambda key: (-_share(found.get((state.method, key))), key))
    numbers = charts.series_numbers(keys)
    return [_line(state, methods, found, key, numbers[key], trained) for key in keys]


def _line(
    state: ReportState,
    methods: Sequence[str],
    found: dict[tuple[str, str], attribution.MethodCredit],
    key: str,
    number: int,
    trained: Mapping[str, attribution.TrainingInfo],
) -> Line:
    cells = tuple(
        _cell(found.get((method, key)), trained.get(method), is_chosen=method == state.method) for method in methods
    )
    shares = [cell.share for cell in cells]
    return Line(key, wording.channel_title(key) or _("(none)"), number, cells, min(shares), max(shares))


def _cell(credit: attribution.MethodCredit | None, fit: attribution.TrainingInfo | None, *, is_chosen: bool) -> Cell:
    if credit is None:
        return Cell(Decimal(0), 0.0, 0.0, is_chosen)
    ends = fits.interval_of(fit, credit.key, credit.share)
    return Cell(credit.revenue, credit.conversions, credit.share, is_chosen, ends)


def _share(credit: attribution.MethodCredit | None) -> float:
    return credit.share if credit else 0.0


def chart(state: ReportState, methods: Sequence[str], rows: Sequence[Line]) -> dict[str, Any]:
    """Return the greatest channels with one bar per method: with trained ones, beside the most different rules."""
    drawn = rows[:MOST_CHANNELS_DRAWN]
    learned = [name for name in methods if name in wording.LEARNED_TITLES]
    shown = {*learned, *BESIDE_LEARNED, state.method} if learned else set(methods)
    values = {
        str(wording.METHOD_TITLES[method]): [row.cells[place].share for row in drawn]
        for place, method in enumerate(methods)
        if method in shown
    }
    option = charts.side_by_side([row.title for row in drawn], values)
    intervals = {
        str(wording.METHOD_TITLES[method]): [row.cells[place].ends for row in drawn]
        for place, method in enumerate(methods)
        if method in wording.LEARNED_TITLES
    }
    return charts.with_intervals(option, intervals, name=_("95 % interval")) if intervals else option


def columns(state: ReportState, methods: Sequence[str]) -> list[dict[str, Any]]:
    """Return the head of the table; the heading of a method chooses it."""
    heads = [
        {
            "label": wording.METHOD_TITLES[method],
            "is_numeric": True,
            "sort_url": state.query(method=method),
            "sorted": "descending" if method == state.method else "",
        }
        for method in methods
    ]
    return [{"label": _("Channel")}, {"label": _("Spread"), "is_numeric": True}, *heads]


def explained(state: ReportState, methods: Sequence[str], usable: Sequence[str]) -> list[Explained]:
    """Return each method with what it can and cannot claim."""
    return [
        Explained(
            wording.METHOD_TITLES[method],
            wording.CLAIMS[method],
            state.query(method=method),
            method == state.method,
            method not in usable,
        )
        for method in methods
    ]
