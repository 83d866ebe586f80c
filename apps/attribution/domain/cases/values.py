"""A case as values: what happened, under which settings, and what must come out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import attribution as engine
from apps.attribution.domain.goals import Rule


class BadCases(ValueError):
    """A file of cases cannot be read; the text names the file and the line of everything that is wrong with it."""


@dataclass(frozen=True, slots=True)
class CaseSettings:
    """The settings that events are judged under: the product's defaults, a property's own, or those of a case."""

    goal: Rule
    method: engine.MethodSpec
    lookbacks: engine.Lookbacks = engine.Lookbacks()  # noqa: RUF009  frozen
    visit_gap: timedelta = engine.VISIT_GAP
    currency: str = "EUR"
    own_domains: frozenset[str] = frozenset()
    referrer_exclusions: frozenset[str] = engine.DEFAULT_REFERRER_EXCLUSIONS
    channel_rules: tuple[engine.ChannelRules, ...] = ()
    campaign_opens: bool = True
    click_ids: tuple[tuple[str, str, str], ...] = ()
    identity: engine.IdentityRules = engine.IdentityRules()  # noqa: RUF009  frozen


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """An event as a client states it: *event* without the facts of its source, and what those are read from."""

    event: engine.Event
    url: str = ""
    referrer: str = ""
    stated: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseOpening:
    """The opening of an app with its candidates."""

    opening: engine.Opening
    contenders: tuple[engine.Contender, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One case; `line` is where its file has it, `expect` what must come out, by id."""

    name: str
    rule: str
    file: str
    line: int
    settings: CaseSettings
    expect: Mapping[str, Mapping[str, Any]]
    events: tuple[CaseEvent, ...] = ()
    openings: tuple[CaseOpening, ...] = ()
    decision_rules: engine.DecisionRules = engine.DecisionRules()  # noqa: RUF009  frozen
    in_app: tuple[tuple[engine.Event, Mapping[str, bool]], ...] = ()


@dataclass(frozen=True, slots=True)
class FoundTouch:
    """What a touchpoint of a journey got; without a `code` where nobody says why."""

    id: str
    channel: str
    share: float
    money: Decimal
    code: str = ""


@dataclass(frozen=True, slots=True)
class FoundConversion:
    """What came out for one conversion or refund; `channel` is where one without touchpoints counts."""

    touches: tuple[FoundTouch, ...]
    reason: str
    is_counted: bool
    refund_of: str
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a case expects at one place, and what came out."""

    place: str
    expected: str
    found: str
