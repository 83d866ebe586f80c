"""Touchpoint, Conversion and Journey, their order in time, and which touchpoints count."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from attribution.channels import Channel

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
WIDEST_LOOKBACK: Final = timedelta(days=90)


class NaiveInstantError(ValueError):
    """An instant carries no time zone."""


class BadLookbackError(ValueError):
    """A lookback is negative or longer than the widest one."""


class UnknownTouchKindError(ValueError):
    """A touchpoint is neither view nor visit nor click."""


class TouchKind(StrEnum):
    """What happened, weakest evidence first: the order decides between equal times."""

    VIEW = "view"
    VISIT = "visit"
    CLICK = "click"


KIND_RANK: Final[dict[str, int]] = {kind: rank for rank, kind in enumerate(TouchKind)}


@dataclass(frozen=True, slots=True)
class Touchpoint:
    """
    One event that can earn credit.

    Parameters
    ----------
    id : str
        The event's message id.
    kind : TouchKind
        View, visit or click.
    touched_at, received_at : datetime
        Aware. Read in whole milliseconds. ``received_at`` decides between
        equal times only.
    channel, source, medium, campaign, ad_group : str
        As classified when the event was accepted.

    Raises
    ------
    UnknownTouchKindError
        If the kind is none of them.
    """

    id: str
    kind: TouchKind
    touched_at: datetime
    received_at: datetime
    channel: str = Channel.UNASSIGNED.value
    source: str = ""
    medium: str = ""
    campaign: str = ""
    ad_group: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KIND_RANK:
            raise UnknownTouchKindError(f"touchpoint {self.id}: {self.kind!r}")


@dataclass(frozen=True, slots=True)
class Conversion:
    """
    One event that meets a goal, or the refund of one.

    Parameters
    ----------
    id : str
        The event's message id.
    converted_at : datetime
        Aware; a refund keeps its own time here.
    value : Decimal
        In units of ``currency``; negative for refunds.
    platform : str
        ``web``, ``ios``, ``android`` or ``server``: names what a conversion
        without touchpoints is.
    refund_of : str
        Id of the conversion whose credits a refund follows.
    credited_at : datetime, optional
        The instant that ages are counted back from, where it is not
        ``converted_at``: the original conversion's time, for a refund.
    """

    id: str
    converted_at: datetime
    value: Decimal = Decimal(0)
    currency: str = ""
    platform: str = "web"
    order_id: str = ""
    refund_of: str = ""
    credited_at: datetime | None = None

    @property
    def counted_from(self) -> datetime:
        """The instant that lookbacks and ages are measured from."""
        return self.converted_at if self.credited_at is None else self.credited_at


@dataclass(frozen=True, slots=True)
class Journey:
    """
    A conversion with the touchpoints of its person, in any order.

    Parameters
    ----------
    conversion : Conversion
    touchpoints : tuple of Touchpoint
        Candidates; methods order them and drop those outside the lookbacks.
    person : str or None
        None when the conversion carried no id to look for touchpoints by.
    is_counted : bool
        False for a repeat of a goal that counts once per person.
    milestone_at : datetime, optional
        When the person reached the milestone goal; `w_shaped` reads it.
    """

    conversion: Conversion
    touchpoints: tuple[Touchpoint, ...] = ()
    person: str | None = ""
    is_counted: bool = True
    milestone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LookbackOverride:
    """
    Other lookbacks for the touchpoints of a source, a campaign or an ad group, or of several of these at once.

    Parameters
    ----------
    source, campaign, ad_group : str
        Empty for any; not all of them.
    click, view : timedelta or None
        None leaves the lookback to the next less specific override.

    Raises
    ------
    BadLookbackError
        If it overrides everything or nothing, or a lookback is out of range.
    """

    source: str = ""
    campaign: str = ""
    ad_group: str = ""
    click: timedelta | None = None
    view: timedelta | None = None

    def __post_init__(self) -> None:
        given = [one for one in (self.click, self.view) if one is not None]
        if not given or not any(self.key):
            raise BadLookbackError("an override names a source, a campaign or an ad group, and a lookback")
        _check_lookbacks(*given)

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is for."""
        return self.source, self.campaign, self.ad_group


@dataclass(frozen=True, slots=True)
class Lookbacks:
    """
    How long before a conversion a touchpoint counts, both ends included.

    Parameters
    ----------
    click : timedelta
        For clicks and visits.
    view : timedelta
        For views.
    overrides : tuple of LookbackOverride
        The most specific one that fits a touchpoint wins: one that names an
        ad group, then one that names a campaign, then one of the source;
        among these, one that names more.

    Raises
    ------
    BadLookbackError
        If one is negative or longer than 90 days, or two overrides are for
        the same.
    """

    click: timedelta = field(default=timedelta(days=30))
    view: timedelta = field(default=timedelta(hours=24))
    overrides: tuple[LookbackOverride, ...] = ()

    def __post_init__(self) -> None:
        _check_lookbacks(self.click, self.view)
        if len({one.key for one in self.overrides}) < len(self.overrides):
            raise BadLookbackError("two overrides are for the same source, campaign and ad group")

    def of(self, kind: str) -> timedelta:
        """Return the lookback of one kind of touchpoint, overrides left out."""
        return self.view if kind == TouchKind.VIEW else self.click

    def rules(self, kind: str) -> list[tuple[tuple[str, str, str], timedelta]]:
        """Return the key and the lookback of every override of a kind, the most specific first."""
        ordered = sorted(self.overrides, key=lambda one: ([not word for word in reversed(one.key)], one.key))
        found = [(one.key, one.view if kind == TouchKind.VIEW else one.click) for one in ordered]
        return [(key, lookback) for key, lookback in found if lookback is not None]

    def of_touchpoint(self, touchpoint: Touchpoint) -> timedelta:
        """Return the lookback of a touchpoint."""
        own = (touchpoint.source, touchpoint.campaign, touchpoint.ad_group)
        for key, lookback in self.rules(touchpoint.kind) if self.overrides else ():
            if all(word in ("", mine) for word, mine in zip(key, own, strict=True)):
                return lookback
        return self.of(touchpoint.kind)


def _check_lookbacks(*lookbacks: timedelta) -> None:
    for lookback in lookbacks:
        if not timedelta(0) <= lookback <= WIDEST_LOOKBACK:
            raise BadLookbackError(f"lookback {lookback} is not between 0 and {WIDEST_LOOKBACK}")


def milliseconds(instant: datetime) -> int:
    """
    Return an instant as whole milliseconds since 1970, rounded down.

    Parameters
    ----------
    instant : datetime
        Aware, in any time zone.

    Returns
    -------
    int

    Raises
    ------
    NaiveInstantError
        If it carries no time zone.

    Notes
    -----
    Subtracting two datetimes of one zone reads the wall clock and is wrong by
    an hour across a change of clocks; counting from 1970 in UTC is not.

    Examples
    --------
    >>> milliseconds(datetime(1970, 1, 1, 0, 0, 1, 999, tzinfo=UTC))
    1000
    """
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise NaiveInstantError(f"{instant.isoformat()} has no time zone")
    return (instant.astimezone(UTC) - _EPOCH) // _MILLISECOND


def age_ms(touchpoint: Touchpoint, conversion: Conversion) -> int:
    """
    Return how long before the conversion a touchpoint happened.

    Returns
    -------
    int
        Milliseconds of elapsed time; negative when it came after.
    """
    return milliseconds(conversion.counted_from) - milliseconds(touchpoint.touched_at)


def milestone_age_ms(journey: Journey) -> int | None:
    """Return how long before the conversion the milestone was reached; None for never or later."""
    if journey.milestone_at is None:
        return None
    age = milliseconds(journey.conversion.counted_from) - milliseconds(journey.milestone_at)
    return age if age >= 0 else None


def in_touch_order(touchpoints: Iterable[Touchpoint]) -> list[Touchpoint]:
    """
    Return touchpoints from the first to the last: a total order.

    Equal times put a view before a visit before a click, then the earlier
    received first, then the larger id first, so that the last element is the
    one that a tie is decided for.

    Parameters
    ----------
    touchpoints : iterable of Touchpoint
        In any order. Of several with one id, the first received stays.

    Returns
    -------
    list of Touchpoint

    Raises
    ------
    NaiveInstantError
        If an instant carries no time zone.

    Notes
    -----
    Time O(n log n).
    """
    first_received: dict[str, Touchpoint] = {}
    for touchpoint in touchpoints:
        seen = first_received.get(touchpoint.id)
        if seen is None or _arrival(touchpoint) < _arrival(seen):
            first_received[touchpoint.id] = touchpoint
    by_id = sorted(first_received.values(), key=lambda touchpoint: touchpoint.id, reverse=True)
    return sorted(by_id, key=_instant)


def _instant(one: Touchpoint) -> tuple[int, int, int]:
    return milliseconds(one.touched_at), KIND_RANK[one.kind], milliseconds(one.received_at)


def _arrival(one: Touchpoint) -> tuple[int, tuple[int, int, int], str, str, str, str]:
    return milliseconds(one.received_at), _instant(one), one.channel, one.source, one.medium, one.campaign
