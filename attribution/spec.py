"""MethodSpec: a rule-based method as data, so that Python, numpy and SQL can each carry it out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from math import isfinite
from typing import Any, Final, Literal

from attribution.channels import PAID_CHANNELS, Channel
from attribution.journeys import TouchKind

Repeats = Literal["keep", "collapse", "first_of_each", "distinct"]
REPEATS: Final[tuple[Repeats, ...]] = ("keep", "collapse", "first_of_each", "distinct")
# Products of weights in this range neither overflow nor vanish, on a journey of any length.
_LEAST: Final = 1e-6
_MOST: Final = 1e6


class BadSpecError(ValueError):
    """A method's parameters make no sense."""


@dataclass(frozen=True, slots=True)
class Preference:
    """
    Touchpoints that others yield to, when the journey has any of them.

    Parameters
    ----------
    code : str
        What the preferred touchpoints are.
    removes_as : str
        Why the others got nothing: a code of `explain`.
    channels : tuple of str
        Only these channels are preferred; empty for all but the next.
    not_channels : tuple of str
        These channels are not preferred; read when ``channels`` is empty.
    kinds : tuple of str
        Only these kinds are preferred.
    """

    code: str
    removes_as: str
    channels: tuple[str, ...] = ()
    not_channels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = tuple(kind.value for kind in TouchKind)

    def accepts(self, channel: str, kind: str) -> bool:
        """Whether a touchpoint of this channel and kind is preferred."""
        is_listed = channel in self.channels if self.channels else channel not in self.not_channels
        return is_listed and kind in self.kinds


NON_DIRECT: Final = Preference("non_direct", "direct_yields", not_channels=(Channel.DIRECT.value,))
PAID_CLICK: Final = Preference(
    "paid_click",
    "not_paid_click",
    channels=tuple(channel.value for channel in PAID_CHANNELS),
    kinds=(TouchKind.VISIT.value, TouchKind.CLICK.value),
)


@dataclass(frozen=True, slots=True)
class Equal:
    """Every touchpoint the same; with ``distinct``, every channel the same and then its touchpoints."""

    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Shares:
    """
    A share for each role in the journey.

    The rest are the touchpoints that are neither first nor last nor the
    milestone, and divide their share among them. Roles that fall on one
    touchpoint add up, roles that nobody plays are left out, and what remains
    is scaled to 1. If nothing remains, every touchpoint gets the same.

    Parameters
    ----------
    first, rest, last : float
        Not negative, not all zero.
    milestone : float
        For the last touchpoint at or before the milestone; zero means that
        the method knows no milestone.
    without_milestone : tuple of three floats, optional
        First, rest and last in journeys that reached no milestone.
    """

    first: float = 0.0
    rest: float = 0.0
    last: float = 0.0
    milestone: float = 0.0
    without_milestone: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        _check_weights("shares", (self.first, self.rest, self.last, self.milestone), some_positive=True)
        if self.without_milestone is not None:
            _check_weights("shares without milestone", self.without_milestone, some_positive=True)

    @property
    def only_end(self) -> str:
        """Return ``first`` or ``last`` when that touchpoint gets everything, else nothing."""
        given = [name for name in ("first", "rest", "last", "milestone") if getattr(self, name) > 0]
        return given[0] if given in (["first"], ["last"]) and self.without_milestone is None else ""


@dataclass(frozen=True, slots=True)
class Decay:
    """Half the weight for every half-life of age; ages count from the journey's youngest touchpoint."""

    half_life: timedelta

    def __post_init__(self) -> None:
        if self.half_life < timedelta(seconds=1):
            raise BadSpecError(f"half-life {self.half_life} is shorter than a second")


@dataclass(frozen=True, slots=True)
class Custom:
    """
    Weights by position, channel and kind, multiplied and scaled to 1.

    Parameters
    ----------
    from_start, from_end : tuple of float
        Weights of the first, second, ... and of the last, last but one, ...
        touchpoint. A touchpoint that both reach gets their sum.
    otherwise : float
        Weight of the positions that neither reaches.
    by_channel, by_kind : tuple of (str, float)
        Factors; what is not named has factor 1.
    """

    from_start: tuple[float, ...] = ()
    from_end: tuple[float, ...] = ()
    otherwise: float = 1.0
    by_channel: tuple[tuple[str, float], ...] = ()
    by_kind: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        _check_weights("position weights", (*self.from_start, *self.from_end, self.otherwise), some_positive=True)
        for name, factors in (("channel factors", self.by_channel), ("kind factors", self.by_kind)):
            _check_weights(name, tuple(factor for _, factor in factors))
            if len({key for key, _ in factors}) < len(factors):
                raise BadSpecError(f"{name}: one is named twice")
        kinds = dict(self.by_kind)
        if unknown := kinds.keys() - set(TouchKind):
            raise BadSpecError(f"kind factors: unknown kind {min(unknown)!r}")
        if all(kinds.get(kind, 1.0) == 0 for kind in TouchKind):
            raise BadSpecError("kind factors: all are zero")


@dataclass(frozen=True, slots=True)
class Learned:
    """
    A weight for each channel, as a fit found it.

    Parameters
    ----------
    by_channel : tuple of (str, float)
        Not negative; a channel that is not named has none.
    distinct : bool
        The weight is the channel's and is divided among its touchpoints;
        otherwise each of them has it.
    """

    by_channel: tuple[tuple[str, float], ...]
    distinct: bool = False

    def __post_init__(self) -> None:
        _check_learned("learned weights", self.by_channel)


@dataclass(frozen=True, slots=True)
class Effect:
    """
    How strongly touchpoints of a channel raise the intensity of conversions, by age.

    Parameters
    ----------
    channel : str
    half_life : timedelta
        With h for it and a for the age, both in days, the effect is
        ``size * 2**(-a / h)``; if it is ``delayed``, it rises first:
        ``size * (a / h) * 2**(-a / h)``.
    size : float
        Not negative.
    delayed : bool
    """

    channel: str
    half_life: timedelta
    size: float
    delayed: bool = False

    def __post_init__(self) -> None:
        if self.half_life < timedelta(seconds=1):
            raise BadSpecError(f"half-life {self.half_life} is shorter than a second")
        _check_learned("effects", ((self.channel, self.size),))


@dataclass(frozen=True, slots=True)
class Intensity:
    """
    The intensity of conversions: a baseline, and what each touchpoint adds to it.

    Credit is the touchpoint's part of the intensity at the conversion, as far
    as it lasts; the rest is the baseline's, which is nobody's.

    Parameters
    ----------
    baseline : float
        What is there without any touchpoint.
    effects : tuple of Effect
        A touchpoint's effects add up.
    signal : float
        What each touchpoint of any channel adds to the baseline: it tells
        who is likely to convert, and does not cause it.
    from_youngest : bool
        Ages count from the youngest touchpoint and not from the conversion.
    lasting : float
        Between 0 and 1: how much of what touchpoints brought about would not
        have come later by itself.
    """

    baseline: float
    effects: tuple[Effect, ...] = ()
    signal: float = 0.0
    from_youngest: bool = False
    lasting: float = 1.0

    def __post_init__(self) -> None:
        _check_learned("intensity", (("baseline", self.baseline), ("signal", self.signal), ("lasting", self.lasting)))
        if self.lasting > 1:
            raise BadSpecError(f"lasting {self.lasting} is more than 1")


Weighting = Equal | Shares | Decay | Custom | Learned | Intensity
_WEIGHTINGS: Final[Mapping[str, type[Any]]] = {
    "equal": Equal,
    "shares": Shares,
    "decay": Decay,
    "custom": Custom,
    "learned": Learned,
    "intensity": Intensity,
}


@dataclass(frozen=True, slots=True)
class MethodSpec:
    """
    A method as it divides the credit of one journey, complete.

    Credit is worked out in four steps: keep the touchpoints inside the
    lookbacks; keep those of the first preference that any of them meets
    (all of them when none does); let one touchpoint stand for its repeats;
    weigh what is left.

    Parameters
    ----------
    name : str
        As in `METHODS` or `LEARNED`.
    weighting : Equal, Shares, Decay, Custom, Learned or Intensity
    prefers : tuple of Preference
        Tried in order. `NON_DIRECT` drops direct unless all is direct.
    repeats : str
        ``keep`` all touchpoints; ``collapse`` runs of one channel into their
        first; keep of each channel its ``first_of_each`` or its ``distinct``
        (latest) touchpoint.

    Raises
    ------
    BadSpecError
        If ``repeats`` is none of these.

    Examples
    --------
    >>> spec = MethodSpec("last_non_direct", Shares(last=1.0), prefers=(NON_DIRECT,))
    >>> MethodSpec.from_dict(spec.to_dict()) == spec
    True
    """

    name: str
    weighting: Weighting
    prefers: tuple[Preference, ...] = ()
    repeats: Repeats = "keep"

    def __post_init__(self) -> None:
        if self.repeats not in REPEATS:
            raise BadSpecError(f"repeats: {self.repeats!r} is none of {', '.join(REPEATS)}")

    def to_dict(self) -> dict[str, Any]:
        """Return the specification as values that JSON can hold."""
        kind = next(name for name, weighting in _WEIGHTINGS.items() if isinstance(self.weighting, weighting))
        parameters = asdict(self.weighting)
        if isinstance(self.weighting, Decay):
            parameters["half_life"] = self.weighting.half_life.total_seconds()
        for effect in parameters.get("effects", ()):
            effect["half_life"] = effect["half_life"].total_seconds()
        prefers = [asdict(preference) for preference in self.prefers]
        weighting = {"kind": kind, **parameters}
        return {"name": self.name, "weighting": weighting, "prefers": prefers, "repeats": self.repeats}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "MethodSpec":
        """
        Return the specification that `to_dict` or JSON wrote.

        Raises
        ------
        BadSpecError
            If a part is missing, unknown or out of range.
        """
        try:
            parameters = {key: _frozen(value) for key, value in stored["weighting"].items()}
            weighting = _WEIGHTINGS[parameters.pop("kind")]
            if weighting is Decay:
                parameters["half_life"] = timedelta(seconds=parameters["half_life"])
            if weighting is Intensity:
                parameters["effects"] = tuple(_effect(one) for one in parameters["effects"])
            prefers = tuple(
                Preference(**{key: _frozen(value) for key, value in one.items()}) for one in stored["prefers"]
            )
            return cls(str(stored["name"]), weighting(**parameters), prefers, stored.get("repeats", "keep"))
        except (KeyError, TypeError, AttributeError, OverflowError) as error:
            raise BadSpecError(f"not a method specification: {error}") from error


def _effect(stored: Mapping[str, Any]) -> Effect:
    return Effect(**{**stored, "half_life": timedelta(seconds=stored["half_life"])})


def _check_learned(name: str, weights: tuple[tuple[str, float], ...]) -> None:
    if not all(isfinite(weight) and weight >= 0 for _, weight in weights):
        raise BadSpecError(f"{name}: negative or not a finite number")


def _frozen(value: Any) -> Any:
    """Return JSON lists as tuples, at any depth."""
    return tuple(_frozen(part) for part in value) if isinstance(value, list | tuple) else value


def _check_weights(name: str, weights: tuple[float, ...], *, some_positive: bool = False) -> None:
    if not all(isfinite(weight) and weight >= 0 for weight in weights):
        raise BadSpecError(f"{name}: negative or not a finite number")
    if not all(weight == 0 or _LEAST <= weight <= _MOST for weight in weights):
        raise BadSpecError(f"{name}: not zero and not between {_LEAST} and {_MOST}")
    if some_positive and not any(weights):
        raise BadSpecError(f"{name}: all are zero")
