"""What a decision is made of: an app that is opened, the candidates for it, the rules, the outcome with its trace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

from attribution.journeys import TouchKind
from attribution.span_words import spans_in_words

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
Outcome = Literal["install", "organic", "reattribution", "reinstall", "reengagement", "nothing"]
Parameters = Mapping[str, str | int]

# English, by code. Times are milliseconds in the parameters (`age_ms`, `lookback_ms`) and words in the sentence.
DECISION_SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "after_opening": "It came after the app was opened.",
        "click_injection": "It came after the installation had begun: a click that was injected.",
        "blocked": "It was blocked as {reason}.",
        "needs_retargeting_click": "Only a click of a retargeting campaign can win back an app that is known already.",
        "still_active": "The app was used {idle} ago; it must rest for {inactivity} first.",
        "device_id_not_shared": "The person did not agree to share the device id.",
        "probabilistic_view": "A view is never matched by probability.",
        "probabilistic_off": "Matching by probability is off.",
        "without_consent": "The person did not agree to matching by probability.",
        "carrier_grade_nat": "The network gives one address to many people, so nobody can be matched by it.",
        "outside_click_lookback": "It is {age} old; clicks count for {lookback}.",
        "outside_view_lookback": "It is {age} old; views count for {lookback}.",
        "outside_probabilistic_lookback": "It is {age} old; matches by probability count for {lookback}.",
        "view_yields_to_click": "A view yields to a click, however late it came.",
        "weaker_evidence": "Its evidence, {evidence}, is weaker than {winning_evidence}.",
        "earlier": "Another of the same evidence came later.",
        "received_earlier": "Another came at the same time and was received later.",
        "larger_id": "Another came and was received at the same time and has the smaller id.",
        "winner": "It is the latest of the strongest evidence inside its window: {evidence}.",
    }
)


class BadDecisionRulesError(ValueError):
    """A window of the decision rules is out of its range."""


class Evidence(StrEnum):
    """How a candidate is tied to the app that was opened, the strongest first; the first two are worth the same."""

    STORE_REFERRER = "store_referrer"
    CLICK_ID = "click_id"
    DEVICE_ID = "device_id"
    PROBABILISTIC = "probabilistic"


@dataclass(frozen=True, slots=True)
class Contender:
    """
    One click or view that could have led to the opening.

    Parameters
    ----------
    id : str
    kind : TouchKind
        Click or view.
    evidence : Evidence
    touched_at, received_at : datetime
        Aware; by the server's clock.
    device_touched_at : datetime, optional
        The same click by the device's own clock, where the store says so.
    is_retargeting : bool
        Whether its campaign is meant for people who had the app before.
    blocked_as : str
        What fraud protection calls it; empty for nothing.
    source, campaign : str
    """

    id: str
    kind: TouchKind
    evidence: Evidence
    touched_at: datetime
    received_at: datetime
    device_touched_at: datetime | None = None
    is_retargeting: bool = False
    blocked_as: str = ""
    source: str = ""
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """
    The opening of an app that asks for a decision.

    Parameters
    ----------
    id : str
    occurred_at : datetime
        Aware; lookbacks count back from here.
    is_first_open : bool
        Whether the app was opened for the first time since it was installed.
    installed_before_at : datetime, optional
        When this device last counted as an install; None for never.
    last_active_at : datetime, optional
        When the app was used last.
    install_began_at, device_install_began_at : datetime, optional
        Play Install Referrer: when the download began, by the server's clock
        and by the device's.
    shares_device_id, allows_probabilistic : bool
        What the person agreed to.
    is_carrier_grade_nat : bool
        Whether many people share the network address.
    """

    id: str
    occurred_at: datetime
    is_first_open: bool = True
    installed_before_at: datetime | None = None
    last_active_at: datetime | None = None
    install_began_at: datetime | None = None
    device_install_began_at: datetime | None = None
    shares_device_id: bool = False
    allows_probabilistic: bool = False
    is_carrier_grade_nat: bool = False


@dataclass(frozen=True, slots=True)
class DecisionRules:
    """
    The windows in force, with the version that made them so.

    Parameters
    ----------
    click_lookback : timedelta
        1 hour to 90 days.
    view_lookback : timedelta
        1 hour to 7 days.
    probabilistic_lookback : timedelta
        0, which is off, to 24 hours.
    reattribution : timedelta
        How long an install is known: 0 to 24 months (731 days).
    reengagement : timedelta
        How long a re-engagement is credited beside the install: up to 90 days.
    inactivity : timedelta
        How long the app must have rested before it counts as won back: 0 to
        365 days.

    Raises
    ------
    BadDecisionRulesError
        If a window is out of its range.
    """

    version: int = 0
    click_lookback: timedelta = field(default=7 * _DAY)
    view_lookback: timedelta = field(default=_DAY)
    probabilistic_lookback: timedelta = field(default=timedelta(0))
    reattribution: timedelta = field(default=90 * _DAY)
    reengagement: timedelta = field(default=30 * _DAY)
    inactivity: timedelta = field(default=timedelta(0))

    def __post_init__(self) -> None:
        ranges = {
            "click_lookback": (_HOUR, 90 * _DAY),
            "view_lookback": (_HOUR, 7 * _DAY),
            "probabilistic_lookback": (timedelta(0), _DAY),
            "reattribution": (timedelta(0), 731 * _DAY),
            "reengagement": (timedelta(0), 90 * _DAY),
            "inactivity": (timedelta(0), 365 * _DAY),
        }
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise BadDecisionRulesError(f"{name} {getattr(self, name)} is not between {least} and {most}")


def decision_text(code: str, parameters: Parameters) -> str:
    """
    Return what was decided about a candidate, as an English sentence.

    Examples
    --------
    >>> decision_text("outside_view_lookback", {"age_ms": 90_000_000, "lookback_ms": 86_400_000})
    'It is 1 day 1 hour old; views count for 1 day.'
    """
    words = {name: str(value).replace("_", " ") for name, value in parameters.items()}
    return DECISION_SENTENCES[code].format(**{**words, **spans_in_words(parameters)})


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate, its age at the opening in milliseconds, and what was decided about it: a code of the sentences."""

    contender: Contender
    age_ms: int
    code: str
    parameters: Parameters = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What was decided about it, as an English sentence."""
        return decision_text(self.code, self.parameters)


@dataclass(frozen=True, slots=True)
class Decision:
    """
    Who won, and why nobody else did.

    Parameters
    ----------
    opening_id : str
    outcome : str
        ``install`` or ``organic`` for a new install; ``reattribution`` or
        ``reinstall`` for one that is known; ``reengagement`` or ``nothing``
        for an app that was only opened.
    winner : Contender or None
    judged : tuple of Judged
        Every candidate, in order of time.
    occurred_at, decided_at : datetime
    rules_version : int
    """

    opening_id: str
    outcome: Outcome
    winner: Contender | None
    judged: tuple[Judged, ...]
    occurred_at: datetime
    decided_at: datetime
    rules_version: int

    @property
    def text(self) -> str:
        """The whole trace: every candidate in order of time, with what was decided about it."""
        return "\n".join(f"{one.contender.kind} {one.contender.id}: {one.text}" for one in self.judged)

    @property
    def counts_in(self) -> str:
        """Which figures it is part of: ``acquisition``, ``retargeting`` or, for a plain re-install, none."""
        if self.outcome in {"install", "organic"}:
            return "acquisition"
        return "retargeting" if self.winner else ""

    @property
    def earns_postback(self) -> bool:
        """Whether the winner is told."""
        return self.winner is not None
