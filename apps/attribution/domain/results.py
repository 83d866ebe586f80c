"""What other apps receive: figures and journeys as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from apps.attribution.domain.scenarios import RuleValues


@dataclass(frozen=True, slots=True)
class GoalInfo:
    """A goal as pages name it; `built_version` is the version that today's journeys follow (0: none yet)."""

    id: int
    name: str
    event_name: str
    counting: str
    is_primary: bool
    version: int
    built_version: int


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """A name that events were tracked under, how many, and how many of them carried money."""

    name: str
    events: int
    valued: int


@dataclass(frozen=True, slots=True)
class MethodInfo:
    """A method as pages offer it: what it does, and what its figures do not show."""

    name: str
    title: str
    description: str
    cannot_claim: str


@dataclass(frozen=True, slots=True)
class CreditRow:
    """One channel, source, medium or campaign: its share of the conversions and of the money.

    `revenue` is net of refunds; `touched` counts conversions with at least one eligible touchpoint of this key.
    """

    key: str
    conversions: float
    revenue: Decimal
    touched: int
    share: float


@dataclass(frozen=True, slots=True)
class CreditPoint:
    """The credit of one key in one day, week or month (its first day) of the property's time zone."""

    starts_on: date
    key: str
    conversions: float
    revenue: Decimal


@dataclass(frozen=True, slots=True)
class MethodCredit:
    """The credit of one key by one method."""

    method: str
    key: str
    conversions: float
    revenue: Decimal
    share: float


@dataclass(frozen=True, slots=True)
class CreditMove:
    """What moves from one key to another under other rules; None is what is unattributed.

    `conversions` is the credit that moves, `touched` how many conversions it moves in, `revenue` net of refunds.
    """

    giver: str | None
    taker: str | None
    conversions: float
    revenue: Decimal
    touched: int


@dataclass(frozen=True, slots=True)
class PromotionInfo:
    """A promotion: the rules before and after it, when and by whom; `undone_by` names the one that took it back."""

    number: int
    before: RuleValues
    after: RuleValues
    covers_past: bool
    undoes: int | None
    undone_by: int | None
    note: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class CurrencyTotal:
    """Conversions in a currency that is not the property's: never added to its money."""

    currency: str
    conversions: int
    revenue: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole of a period: `attributed` + `unattributed` = `conversions`; `revenue` is net, `refunds` negative.

    For a reader who is limited to some sources it is what these have credit for: then a part of a conversion counts.
    """

    conversions: float
    revenue: Decimal
    refunds: Decimal
    persons: int
    attributed: float
    unattributed: float
    attributed_revenue: Decimal
    unattributed_revenue: Decimal
    repeats: int
    other_currencies: tuple[CurrencyTotal, ...]

    @property
    def gross(self) -> Decimal:
        """Money before refunds."""
        return self.revenue - self.refunds


@dataclass(frozen=True, slots=True)
class UnattributedRow:
    """Why conversions have no credit; rows that are only shown beside the sum are not `is_part_of_total`."""

    reason: str
    conversions: int
    revenue: Decimal
    is_part_of_total: bool


@dataclass(frozen=True, slots=True)
class ConversionRow:
    """One conversion or refund in a list."""

    id: str
    goal_id: int
    person_id: int
    converted_at: datetime
    value: Decimal
    currency: str
    order_id: str
    country: str
    device: str
    is_refund: bool
    is_counted: bool
    touchpoints: int
    channel: str
    reason: str


@dataclass(frozen=True, slots=True)
class ConversionPage:
    """Part of a list, newest first; an empty `next_cursor` means that there is no more."""

    rows: tuple[ConversionRow, ...]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class OwnTouchpoint:
    """A touchpoint of the reader's own sources, and what it earned; neither its place nor a word of the others."""

    touched_at: datetime
    kind: str
    channel: str
    source: str
    medium: str
    campaign: str
    credit: float
    money: Decimal


@dataclass(frozen=True, slots=True)
class OwnConversion:
    """A conversion or refund as far as the reader's own sources have credit for it: never its value, nor who else."""

    id: str
    order_id: str
    converted_at: datetime
    country: str
    device: str
    is_refund: bool
    credit: float
    money: Decimal
    touchpoints: tuple[OwnTouchpoint, ...]


@dataclass(frozen=True, slots=True)
class OwnPage:
    """Part of that list, newest first; an empty `next_cursor` means that there is no more."""

    rows: tuple[OwnConversion, ...]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class TouchpointCredit:
    """A touchpoint in a journey with what it earned and why."""

    id: str
    kind: str
    touched_at: datetime
    age: timedelta
    channel: str
    source: str
    medium: str
    campaign: str
    credit: float
    money: Decimal
    is_eligible: bool
    code: str
    parameters: Mapping[str, str | int | float]
    why: str


@dataclass(frozen=True, slots=True)
class JourneyDetail:
    """A conversion with every touchpoint, and by which method, goal version and settings version they were judged.

    `baseline` is what nothing caused (None for methods that know none), `training_id` which fit a method credits by.
    """

    conversion: ConversionRow
    touchpoints: tuple[TouchpointCredit, ...]
    method: str
    rule: str
    reason: str
    goal_name: str
    goal_version: int
    settings_version: int
    click_lookback: timedelta
    view_lookback: timedelta
    built_at: datetime | None
    baseline: float | None = None
    baseline_money: Decimal = Decimal(0)
    training_id: int | None = None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far the figures reach."""

    newest_event_at: datetime | None
    built_at: datetime | None
    built_to: datetime | None
    behind: timedelta
    is_building: bool
    error: str


@dataclass(frozen=True, slots=True)
class PersonInfo:
    """A person, and every key (hash of an id) that events may have of them; the person's own number is among them."""

    person_id: int
    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class JourneyPart:
    """What one event is in one journey (role: conversion, refund or touchpoint), and what it earned there.

    *share* is the touchpoint's, 0 to 1, None where it is no touchpoint or the method has learned nothing yet; *money*
    is what that is worth, of a conversion its value; *why* is the rule in words, or why nobody is credited.
    """

    goal_id: int
    goal_name: str
    conversion_id: str
    converted_at: datetime
    role: str
    method: str
    share: float | None = None
    money: Decimal = Decimal(0)
    currency: str = ""
    why: str = ""
