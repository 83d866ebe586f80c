"""Reads the state of a page out of its address. Nothing in an address is an error: what cannot be read is named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from apps.reports.domain import periods
from apps.reports.domain.periods import Comparison, Period
from apps.reports.domain.state import DAY, DIMENSIONS, HOUR, SORTS, Filter, ReportState

LONGEST_VALUE = 300  # no source or campaign needs more, and an address should stay an address


@dataclass(slots=True)
class StateReader:
    """Reads a state out of an address, one parameter at a time, noting what cannot be read instead of failing."""

    query: Mapping[str, list[str]]
    problems: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return the last value of a parameter."""
        return (self.query.get(name) or [""])[-1].strip()

    def choice(self, name: str, allowed: Iterable[str], default: str) -> str:
        """Return a value out of *allowed*."""
        value = self.text(name) or default
        if value in set(allowed) or value == default:
            return value
        self.problems.append(name)
        return default

    def span(self, name: str, least: timedelta, most: timedelta, default: timedelta) -> timedelta:
        """Return a lookback given in hours."""
        text = self.text(name)
        if not text:
            return default
        if text.isascii() and text.isdigit() and len(text) < 6 and least <= timedelta(hours=int(text)) <= most:
            return timedelta(hours=int(text))
        self.problems.append(name)
        return default

    def number(self, name: str, allowed: Iterable[int]) -> int | None:
        """Return an id out of *allowed*, or None."""
        text, ids = self.text(name), set(allowed)
        if text.isascii() and text.isdigit() and len(text) < 19 and int(text) in ids:
            return int(text)
        if text:
            self.problems.append(name)
        return None

    def filters(self) -> tuple[Filter, ...]:
        """Return the filters, one value a dimension: a touchpoint has one channel, one source and so on."""
        values = ((name, (self.query.get(name) or [""])[-1][:LONGEST_VALUE]) for name in DIMENSIONS)
        return tuple((name, value) for name, value in values if value and "\x00" not in value)

    def comparison(self) -> Comparison:
        """Return what to compare with."""
        value = self.choice("compare", periods.COMPARISONS, "previous")
        return "year" if value == "year" else "none" if value == "none" else "previous"


def read_state(
    query: Mapping[str, list[str]],
    *,
    defaults: ReportState,
    goal_ids: Iterable[int],
    methods: Iterable[str],
    now: datetime,
) -> ReportState:
    """Return the state that an address means; a parameter that cannot be read keeps its default and is named."""
    reader = StateReader(query)
    return replace(
        defaults,
        period=_read_period(reader, defaults.period, now),
        comparison=reader.comparison(),
        goal_id=reader.number("goal", goal_ids) or defaults.goal_id,
        method=reader.choice("method", methods, defaults.method),
        click_lookback=reader.span("click", HOUR, 90 * DAY, defaults.click_lookback),
        view_lookback=reader.span("view", HOUR, 7 * DAY, defaults.view_lookback),
        dimension=reader.choice("by", DIMENSIONS, defaults.dimension),
        sort=reader.choice("sort", [sign + key for key in SORTS for sign in ("", "-")], defaults.sort),
        filters=reader.filters(),
        defaults=tuple(defaults.parameters()),
        problems=tuple(reader.problems),
    )


def _read_period(reader: StateReader, default: Period, now: datetime) -> Period:
    try:
        return periods.read_period(
            preset=reader.text("preset"),
            first=reader.text("from"),
            last=reader.text("to"),
            time_zone=default.time_zone,
            now=now,
        )
    except periods.UnreadablePeriod:
        reader.problems.append("dates")
        return default
