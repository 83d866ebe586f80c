"""explain(): what each touchpoint of a conversion got, and the rule behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from attribution.credit import BASELINE, credit, touchless_channel
from attribution.journeys import Journey, Lookbacks, Touchpoint, milestone_age_ms
from attribution.reasons import UnattributedReason
from attribution.selection import REPEATED, Candidate, candidates
from attribution.span_words import spans_in_words
from attribution.spec import Decay, Equal, Intensity, Learned, MethodSpec, Shares
from attribution.weights import roles_of, shares_of, weigh

_MILLISECOND: Final = timedelta(milliseconds=1)
Parameters = Mapping[str, str | int | float]

# English, by code. A page translates the sentence and fills in the parameters of the same names.
SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "after_conversion": "It came after the conversion.",
        "outside_click_lookback": "It is {age} old; clicks and visits count for {lookback}.",
        "outside_view_lookback": "It is {age} old; views count for {lookback}.",
        "direct_yields": "Direct gets credit only where there is nothing else inside the window.",
        "not_paid_click": "It is not a paid click, and the journey has one.",
        "only_touchpoint": "It is the only touchpoint that counts.",
        "repeated": "Another touchpoint of {channel} stands for it.",
        "equal_share": "Each of the {touchpoints} touchpoints gets the same.",
        "equal_share_of_channel": (
            "Each of the {channels} channels gets the same; {channel} divides it among {touchpoints}."
        ),
        "first": "It is the first touchpoint that counts.",
        "last": "It is the last touchpoint that counts.",
        "milestone": "It is the last touchpoint before the milestone.",
        "rest": "It shares what the touchpoints between the named ones get.",
        "several_roles": "It is {roles} at once.",
        "not_first": "It is not the first touchpoint that counts.",
        "not_last": "It is not the last touchpoint that counts.",
        "decayed": "It is {age} old; credit halves every {half_life}.",
        "custom_weight": "It is number {place} of {touchpoints} and is weighted accordingly.",
        "learned_weight": "The fit weighs {channel} with {percent} % of what this journey's touchpoints weigh.",
        "no_weight": "The fit found no weight for {channel}.",
        "caused": "At an age of {age}, {channel} makes up {percent} % of the intensity of conversions.",
        "no_effect": "No effect of {channel} is left at an age of {age}, or none could be told from chance.",
        "zero_weight": "The method gives touchpoints in this place no weight.",
        "all_zero": "All weights came out zero, so each of the {touchpoints} touchpoints gets the same.",
        "identity_missing": "The conversion carried no id by which its touchpoints could be found.",
        "no_touchpoint": "No touchpoint of this person is known.",
        "outside_window": "Every touchpoint lies outside its window.",
    }
)


@dataclass(frozen=True, slots=True)
class TouchExplanation:
    """
    What one touchpoint got, and why.

    Parameters
    ----------
    touchpoint : Touchpoint
    age_ms : int
        Negative when it came after the conversion.
    share : float
    amount : Decimal
    code : str
        Key of `SENTENCES`.
    parameters : mapping
        What the sentence needs; times are milliseconds (``age_ms``,
        ``lookback_ms``, ``half_life_ms``).
    """

    touchpoint: Touchpoint
    age_ms: int
    share: float
    amount: Decimal
    code: str
    parameters: Parameters = field(default_factory=dict)

    @property
    def is_removed(self) -> bool:
        """Whether a rule took it out before credit was divided."""
        return self.code in _REMOVALS

    @property
    def text(self) -> str:
        """The reason as an English sentence."""
        return sentence(self.code, self.parameters)


@dataclass(frozen=True, slots=True)
class Explanation:
    """
    How one conversion was credited.

    Parameters
    ----------
    conversion_id, method : str
    touches : tuple of TouchExplanation
        All of the journey's, in touch order, the removed ones too.
    reason : str or None
        Why nothing can be credited; None when something was.
    channel : str
        Where the conversion counts when nothing can be credited, else empty.
    baseline : float
        The share that is nobody's, of methods that know a baseline.
    """

    conversion_id: str
    method: str
    touches: tuple[TouchExplanation, ...]
    reason: UnattributedReason | None
    channel: str
    baseline: float = 0.0

    @property
    def text(self) -> str:
        """The whole explanation in English, one line for each touchpoint."""
        lines = [f"{one.touchpoint.channel}: {one.share:.1%}. {one.text}" for one in self.touches]
        if self.baseline:
            lines.append(f"{BASELINE}: {self.baseline:.1%}. It would have come without any touchpoint.")
        if self.reason:
            lines.append(f"Counts as {self.channel}. {SENTENCES[self.reason]}")
        return "\n".join(lines)


_REMOVALS: Final = frozenset(
    {
        "after_conversion",
        "outside_click_lookback",
        "outside_view_lookback",
        "direct_yields",
        "not_paid_click",
        "repeated",
    }
)


def explain(journey: Journey, spec: MethodSpec, lookbacks: Lookbacks | None = None) -> Explanation:
    """
    Return how a method credited one conversion, touchpoint by touchpoint.

    Parameters
    ----------
    journey : Journey
    spec : MethodSpec
    lookbacks : Lookbacks, optional
        As for `credit`.

    Returns
    -------
    Explanation
        Its shares and amounts are those of `credit`.

    Raises
    ------
    NaiveInstantError, BadAmountError
        As `credit` does.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from attribution.journeys import Conversion, TouchKind
    >>> from attribution.methods.single_touch import last_non_direct
    >>> noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    >>> path = (
    ...     Touchpoint("1", TouchKind.VISIT, noon - timedelta(days=2), noon, "Email"),
    ...     Touchpoint("2", TouchKind.VISIT, noon, noon, "Direct"),
    ... )
    >>> print(explain(Journey(Conversion("c1", noon), path), last_non_direct()).text)
    Email: 100.0%. It is the only touchpoint that counts.
    Direct: 0.0%. Direct gets credit only where there is nothing else inside the window.
    """
    lookbacks = lookbacks or Lookbacks()
    earned = credit(spec, journey, lookbacks)
    judged = candidates(journey, lookbacks, spec.prefers, spec.repeats)
    pool = [one for one in judged if not one.removed_by]
    shares = {one.touchpoint.id: one for one in earned if one.touchpoint}
    why = iter(_credited(spec, pool, milestone_age_ms(journey)))
    touches = []
    for one in judged:
        code, parameters = (one.removed_by, _removal(one, lookbacks)) if one.removed_by else next(why)
        got = shares.get(one.touchpoint.id)
        share, amount = (got.share, got.amount) if got else (0.0, Decimal(0))
        touches.append(TouchExplanation(one.touchpoint, one.age_ms, share, amount, code, parameters))
    channel = "" if pool else touchless_channel(journey.conversion)
    reason = None if pool else earned[0].reason
    baseline = sum(one.share for one in earned if one.channel == BASELINE and one.touchpoint is None)
    return Explanation(journey.conversion.id, spec.name, tuple(touches), reason, channel, baseline)


def sentence(code: str, parameters: Parameters) -> str:
    """
    Return the English sentence of a code with its parameters filled in.

    Examples
    --------
    >>> sentence("outside_view_lookback", {"age_ms": 90_000_000, "lookback_ms": 86_400_000})
    'It is 1 day 1 hour old; views count for 1 day.'
    """
    return SENTENCES[code].format(**{**parameters, **spans_in_words(parameters)})


def _removal(one: Candidate, lookbacks: Lookbacks) -> Parameters:
    if one.removed_by == REPEATED:
        return {"channel": one.touchpoint.channel}
    if not one.removed_by.startswith("outside_"):
        return {"age_ms": one.age_ms}
    return {"age_ms": one.age_ms, "lookback_ms": lookbacks.of_touchpoint(one.touchpoint) // _MILLISECOND}


def _credited(spec: MethodSpec, pool: list[Candidate], milestone_age: int | None) -> Iterator[tuple[str, Parameters]]:
    """Yield the code and parameters of every touchpoint that stayed, in touch order."""
    count = len(pool)
    if isinstance(spec.weighting, Intensity) and pool:
        yield from (_by_intensity(one, share) for one, share in zip(pool, shares_of(spec.weighting, pool), strict=True))
    elif count == 1:
        yield "only_touchpoint", {}
    elif not pool or not any(weigh(spec.weighting, pool, milestone_age)):
        yield from [("all_zero", {"touchpoints": count})] * count
    elif isinstance(spec.weighting, Shares):
        weights = weigh(spec.weighting, pool, milestone_age)
        for roles, weight in zip(roles_of(spec.weighting, pool, milestone_age), weights, strict=True):
            is_told = weight > 0 or spec.weighting.only_end
            yield _by_role(spec.weighting, roles) if is_told else ("zero_weight", {})
    else:
        weights = weigh(spec.weighting, pool, milestone_age)
        for place, (one, weight) in enumerate(zip(pool, weights, strict=True), start=1):
            yield _by_weight(spec, one, place, pool) if weight else _weightless(spec, one)


def _by_role(weighting: Shares, roles: tuple[str, ...]) -> tuple[str, Parameters]:
    if weighting.only_end:
        return (weighting.only_end if weighting.only_end in roles else f"not_{weighting.only_end}"), {}
    return (roles[0], {}) if len(roles) == 1 else ("several_roles", {"roles": ", ".join(roles)})


def _by_weight(spec: MethodSpec, one: Candidate, place: int, pool: list[Candidate]) -> tuple[str, Parameters]:
    match spec.weighting:
        case Equal(distinct=False):
            return "equal_share", {"touchpoints": len(pool)}
        case Equal():
            channels = [other.touchpoint.channel for other in pool]
            channel = one.touchpoint.channel
            times = channels.count(channel)
            return "equal_share_of_channel", {"channels": len(set(channels)), "channel": channel, "touchpoints": times}
        case Decay(half_life):
            return "decayed", {"age_ms": one.age_ms, "half_life_ms": half_life // _MILLISECOND}
        case Learned():
            share = shares_of(spec.weighting, pool)[place - 1]
            return "learned_weight", {"channel": one.touchpoint.channel, "percent": _percent(share)}
        case _:
            return "custom_weight", {"place": place, "touchpoints": len(pool)}


def _weightless(spec: MethodSpec, one: Candidate) -> tuple[str, Parameters]:
    if isinstance(spec.weighting, Learned):
        return "no_weight", {"channel": one.touchpoint.channel}
    return "zero_weight", {}


def _by_intensity(one: Candidate, share: float) -> tuple[str, Parameters]:
    told: Parameters = {"age_ms": one.age_ms, "channel": one.touchpoint.channel}
    return ("caused", {**told, "percent": _percent(share)}) if share else ("no_effect", told)


def _percent(share: float) -> float:
    return round(100 * share, 1)
