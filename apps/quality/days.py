"""The counts of days as the rows of the page of quality and of the API."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from apps.orgs import api as orgs
from apps.quality import queries
from apps.quality.domain.score import WEIGHTS, Part, score
from apps.quality.models import Expectation, ExpectationVersion
from apps.quality.queries.counts import DayCount

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class QualityRow:
    """One day, expectation or stream: what was asked, what failed, and the score of that."""

    key: object
    title: str
    checked: int
    flagged: int
    quarantined: int
    score: float | None

    @property
    def failed(self) -> int:
        """How many failed, whatever became of them."""
        return self.flagged + self.quarantined

    @property
    def share(self) -> float | None:
        """The score as a share, for a bar."""
        return None if self.score is None else self.score / 100


class Weights:
    """What each expectation weighs on a day: by what became of its failures when the day was over."""

    def __init__(self, rows: Mapping[int, Expectation], *, zone: ZoneInfo) -> None:
        self._now = {pk: row.severity for pk, row in rows.items()}
        self._since: dict[int, list[tuple[date, str]]] = defaultdict(list)
        versions = ExpectationVersion.objects.filter(expectation__in=rows).order_by("made_at", "pk")
        for pk, made_at, definition in versions.values_list("expectation_id", "made_at", "definition"):
            self._since[pk].append((made_at.astimezone(zone).date(), definition["severity"]))

    def of(self, pk: int, day: date) -> int:
        """Return the weight of an expectation on *day*: a later change of it changes no earlier day."""
        known = self._since[pk]
        first = known[0][1] if known else self._now.get(pk, "flag")
        return WEIGHTS[next((severity for since, severity in reversed(known) if since <= day), first)]


@dataclass(frozen=True, slots=True)
class Days:
    """What the days of a period were like."""

    days: tuple[QualityRow, ...]
    by_expectation: tuple[QualityRow, ...]
    by_stream: tuple[QualityRow, ...]
    whole: QualityRow


def period(info: orgs.PropertyInfo, *, now: datetime, days: int) -> tuple[datetime, datetime]:
    """Return the first instant of *days* days and the end of today, in the property's zone."""
    zone = ZoneInfo(info.time_zone)
    today = now.astimezone(zone).date()
    ends = (today - timedelta(days=days - 1), today + timedelta(days=1))
    return datetime.combine(ends[0], time(0), tzinfo=zone), datetime.combine(ends[1], time(0), tzinfo=zone)


def quality_days(info: orgs.PropertyInfo, *, since: datetime, until: datetime) -> Days:
    """Return the days within, each with its score, and the same counts by expectation and by stream."""
    counts = queries.day_counts(info.id, since=since, until=until, time_zone=info.time_zone)
    rows = {row.pk: row for row in Expectation.objects.filter(property_id=info.id)}
    streams = {stream.pk: stream.name for stream in orgs.streams_of(info.id)}
    weights = Weights(rows, zone=ZoneInfo(info.time_zone))
    by_day = _grouped(counts, lambda one: one.day)
    length = (until - since).days
    axis = [(since + timedelta(days=number, hours=2)).date() for number in range(length)]
    return Days(
        tuple(_row(day, day.isoformat(), by_day.get(day, ()), weights) for day in axis),
        tuple(
            _row(key, rows[key].name, some, weights)
            for key, some in _grouped(counts, lambda one: one.expectation_id).items()
            if key in rows
        ),
        tuple(
            _row(key, streams.get(key, ""), some, weights)
            for key, some in _grouped(counts, lambda one: one.stream_id).items()
        ),
        _row(None, "", counts, weights),
    )


def _grouped(counts: Iterable[DayCount], key: Callable[[DayCount], Key]) -> dict[Key, list[DayCount]]:
    found: dict[Key, list[DayCount]] = defaultdict(list)
    for one in counts:
        found[key(one)].append(one)
    return found


def _row(key: object, title: str, counts: Sequence[DayCount], weights: Weights) -> QualityRow:
    by_weight = _grouped(counts, lambda one: (one.expectation_id, weights.of(one.expectation_id, one.day)))
    parts = [
        Part(sum(one.checked for one in some), sum(one.failed for one in some), weight)
        for (_pk, weight), some in by_weight.items()
    ]
    checked, flagged, quarantined = (
        sum(getattr(one, name) for one in counts) for name in ("checked", "flagged", "quarantined")
    )
    return QualityRow(key, title, checked, flagged, quarantined, score(parts))


def labels(days: Iterable[QualityRow]) -> list[date]:
    """Return the days of rows of days."""
    return [one.key for one in days if isinstance(one.key, date)]
