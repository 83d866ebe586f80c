"""A property's own channel rules: read before the default grouping, each version from an instant on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from attribution.channels import Channel
from attribution.events import Event
from attribution.journeys import milliseconds

CHANNEL_RULE_FIELDS: Final = ("source", "medium", "campaign", "channel")
CHANNEL_RULE_OPERATORS: Final = ("is", "is_not", "contains", "starts_with", "ends_with")
MOST_CHANNEL_RULES: Final = 50
MOST_CONDITIONS: Final = 5
LONGEST_TEXT: Final = 200
LONGEST_CHANNEL: Final = 60


class BadChannelRuleError(ValueError):
    """A channel rule cannot be understood."""


@dataclass(frozen=True, slots=True)
class ChannelCondition:
    """
    What one field of a touchpoint must say; case does not matter.

    Parameters
    ----------
    field : str
        ``source``, ``medium``, ``campaign``, or ``channel`` for the default group.
    operator : str
        ``is``, ``is_not``, ``contains``, ``starts_with`` or ``ends_with``.
    value : str
        At most 200 characters; empty only for ``is`` and ``is_not``.

    Raises
    ------
    BadChannelRuleError
        If one of them is unknown, missing or too long.
    """

    field: str
    operator: str
    value: str

    def __post_init__(self) -> None:
        if self.field not in CHANNEL_RULE_FIELDS:
            raise BadChannelRuleError(f"{self.field!r} is not one of {', '.join(CHANNEL_RULE_FIELDS)}")
        if self.operator not in CHANNEL_RULE_OPERATORS:
            raise BadChannelRuleError(f"{self.operator!r} is not one of {', '.join(CHANNEL_RULE_OPERATORS)}")
        if not self.value and self.operator not in {"is", "is_not"}:
            raise BadChannelRuleError(f"{self.field} {self.operator}: say what")
        if len(self.value) > LONGEST_TEXT or "\x00" in self.value:
            raise BadChannelRuleError(f"{self.field} {self.operator}: more than {LONGEST_TEXT} characters, or a NUL")

    def holds(self, text: str) -> bool:
        """Whether a field says it."""
        text, value = text.lower(), self.value.lower()
        match self.operator:
            case "is":
                return text == value
            case "is_not":
                return text != value
            case "contains":
                return value in text
            case "starts_with":
                return text.startswith(value)
            case _:
                return text.endswith(value)


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """
    A channel, and the conditions that all must hold for it.

    Raises
    ------
    BadChannelRuleError
        Without a channel or a condition, or with too many.
    """

    channel: str
    conditions: tuple[ChannelCondition, ...]

    def __post_init__(self) -> None:
        if not self.channel.strip() or len(self.channel) > LONGEST_CHANNEL or "\x00" in self.channel:
            raise BadChannelRuleError(f"a channel has 1 to {LONGEST_CHANNEL} characters")
        if not 1 <= len(self.conditions) <= MOST_CONDITIONS:
            raise BadChannelRuleError(f"{self.channel}: 1 to {MOST_CONDITIONS} conditions")


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """
    One version of a property's rules, and the touchpoints it is for.

    Parameters
    ----------
    rules : tuple of ChannelRule
        Read from top to bottom; the first whose conditions all hold wins.
    applies_from : datetime, optional
        Touchpoints from this instant on; None for all, the past as well.
    """

    rules: tuple[ChannelRule, ...] = ()
    applies_from: datetime | None = None

    @classmethod
    def of(cls, stored: Sequence[Mapping[str, Any]], applies_from: datetime | None = None) -> "ChannelRules":
        """
        Return the rules that JSON holds: a list of ``{"channel": ..., "when": [[field, operator, value], ...]}``.

        Raises
        ------
        BadChannelRuleError
            If it is anything else.
        """
        if not isinstance(stored, list | tuple) or len(stored) > MOST_CHANNEL_RULES:
            raise BadChannelRuleError(f"channel rules are a list of at most {MOST_CHANNEL_RULES}")
        try:
            rules = tuple(
                ChannelRule(one["channel"], tuple(ChannelCondition(*condition) for condition in one["when"]))
                for one in stored
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise BadChannelRuleError(f"not a channel rule: {error}") from error
        return cls(rules, applies_from)

    def stored(self) -> list[dict[str, Any]]:
        """Return the rules as values that JSON can hold."""
        return [
            {"channel": rule.channel, "when": [[one.field, one.operator, one.value] for one in rule.conditions]}
            for rule in self.rules
        ]


def ruled_channel(rules: ChannelRules, *, channel: str, source: str, medium: str, campaign: str) -> str:
    """
    Return the channel that a property's rules put a touchpoint in.

    Parameters
    ----------
    rules : ChannelRules
    channel : str
        The default group; it stays where no rule holds. Direct always stays:
        a touch without a source says nothing that could be judged.
    source, medium, campaign : str

    Returns
    -------
    str

    Examples
    --------
    >>> rules = ChannelRules.of([{"channel": "Podcasts", "when": [["source", "starts_with", "pod-"]]}])
    >>> ruled_channel(rules, channel="Referral", source="Pod-Nature", medium="referral", campaign="")
    'Podcasts'
    >>> ruled_channel(rules, channel="Direct", source="(direct)", medium="(none)", campaign="")
    'Direct'
    """
    if channel == Channel.DIRECT:
        return channel
    said = {"source": source, "medium": medium, "campaign": campaign, "channel": channel}
    held = (rule.channel for rule in rules.rules if all(one.holds(said[one.field]) for one in rule.conditions))
    return next(held, channel)


def with_ruled_channels(events: Iterable[Event], versions: Sequence[ChannelRules]) -> list[Event]:
    """
    Return events with the channels that the versions of a property's rules put them in.

    Parameters
    ----------
    events : iterable of Event
        With their default groups.
    versions : sequence of ChannelRules
        The newest first. The first whose ``applies_from`` is not after an
        event decides about it; without one, the default group stays.

    Returns
    -------
    list of Event
        In the order given.
    """
    return [_ruled(event, versions) for event in events]


def _ruled(event: Event, versions: Sequence[ChannelRules]) -> Event:
    at = milliseconds(event.occurred_at)
    for version in versions:
        if version.applies_from is None or milliseconds(version.applies_from) <= at:
            words = {name: getattr(event, name) for name in ("channel", "source", "medium", "campaign")}
            return replace(event, channel=ruled_channel(version, **words))
    return event
