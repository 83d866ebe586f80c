"""What a page shows, as its address says it: every view can be shared by copying the address."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from apps.reports.domain.periods import Comparison, Period

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DIMENSIONS = ("channel", "source", "campaign", "medium")
SORTS = ("name", "conversions", "revenue", "share", "change", "cost", "cost_per_conversion", "return_on_spend")
CLICK_LOOKBACKS = tuple(timedelta(days=days) for days in (1, 7, 14, 30, 60, 90))
VIEW_LOOKBACKS = tuple(timedelta(hours=hours) for hours in (1, 6, 12, 24, 72, 168))

Filter = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ReportState:
    """One state of the reports; `problems` names the parameters that could not be read.

    `carried` are parameters of one page alone, which the links within it keep.
    """

    period: Period
    comparison: Comparison = "previous"
    goal_id: int | None = None
    method: str = ""
    click_lookback: timedelta = timedelta(days=30)
    view_lookback: timedelta = timedelta(hours=24)
    dimension: str = "channel"
    filters: tuple[Filter, ...] = ()
    carried: tuple[Filter, ...] = ()
    sort: str = "-revenue"
    defaults: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def sort_key(self) -> str:
        """The column that rows are ordered by."""
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        """Tell whether the greatest value comes first."""
        return self.sort.startswith("-")

    def parameters(self) -> list[tuple[str, str]]:
        """Return the parameters of the address, without those that say what holds anyway."""
        defaults = dict(self.defaults)
        pairs = [*self._period_parameters(), *self._choices()]
        return [(name, value) for name, value in pairs if defaults.get(name) != value] + [
            *self.filters,
            *self.carried,
        ]

    def _period_parameters(self) -> list[tuple[str, str]]:
        if self.period.preset:
            return [("preset", self.period.preset)]
        return [("from", self.period.starts_on.isoformat()), ("to", self.period.ends_on.isoformat())]

    def _choices(self) -> list[tuple[str, str]]:
        return [
            ("compare", self.comparison),
            ("goal", str(self.goal_id or "")),
            ("method", self.method),
            ("click", hours(self.click_lookback)),
            ("view", hours(self.view_lookback)),
            ("by", self.dimension),
            ("sort", self.sort),
        ]

    def query(self, **changes: Any) -> str:
        """Return the query string of this state with *changes*, beginning with "?" (never empty, so links replace)."""
        return "?" + urlencode(replace(self, **changes).parameters())

    def with_filter(self, name: str, value: str) -> str:
        """Return the query string that filters by *value*, instead of another value of the same dimension."""
        others = tuple(item for item in self.filters if item[0] != name)
        return self.query(filters=(*others, (name, value)))

    def without_filter(self, name: str, value: str) -> str:
        """Return the query string that no longer filters by *value*."""
        return self.query(filters=tuple(item for item in self.filters if item != (name, value)))

    def sorted_by(self, key: str) -> str:
        """Return the query string that orders by *key*: figures start with the greatest, a second click turns round."""
        first = key if key == "name" else f"-{key}"
        second = f"-{key}" if key == "name" else key
        return self.query(sort=second if self.sort == first else first)


def hours(span: timedelta) -> str:
    """Return *span* as an address says it: whole hours."""
    return str(int(span.total_seconds()) // 3600)
