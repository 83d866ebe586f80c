"""What other apps receive about trainings: how far one is, what it found, and why it could not tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import attribution as engine

MARKOV_ORDERS = (1, 2, 3, 4)
WINDOW_DAYS = (30, 60, 90, 180, 365)
DEFAULT_DAYS = 90
# What one touchpoint of a path stands for, before a method learns from it: `engine.REPEATS`.
TRANSFORMED = ("markov", "shapley")


class BadOptions(ValueError):
    """A method cannot be trained like that."""


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """A method that learns, and how: the order of a chain, and what becomes of paths first.

    `repeats` says which touchpoint stands for the repeats of its channel, `drops_direct` that direct yields where there
    is anything else; both are steps of the method, in training and in the credit of journeys. Raises BadOptions.
    """

    method: str
    order: int = 1
    repeats: engine.Repeats = "keep"
    drops_direct: bool = False

    def __post_init__(self) -> None:
        if self.method not in engine.LEARNED:
            raise BadOptions(f"{self.method!r} is not a method that learns.")
        if self.order not in MARKOV_ORDERS:
            raise BadOptions(f"Order {self.order} is not one of {MARKOV_ORDERS}.")
        if self.repeats not in engine.REPEATS:
            raise BadOptions(f"{self.repeats!r} is none of {', '.join(engine.REPEATS)}.")
        if self.method not in TRANSFORMED and (self.repeats != "keep" or self.drops_direct):
            raise BadOptions(f"{self.method} learns from single touchpoints and not from paths.")

    @property
    def parameters(self) -> dict[str, str | int]:
        """What is kept of it with a training: what is as it is by default is left out."""
        chain: dict[str, str | int] = {"order": self.order} if self.method == "markov" else {}
        return (
            chain
            | ({"repeats": self.repeats} if self.repeats != "keep" else {})
            | ({"drops_direct": 1} if self.drops_direct else {})
        )

    def stored(self) -> dict[str, Any]:
        """Return the values for JSON."""
        return {"method": self.method, "parameters": self.parameters}

    @classmethod
    def of(cls, method: str, parameters: Mapping[str, Any]) -> "TrainingOptions":
        """Return the options of a training that was kept. Raises BadOptions."""
        return cls(
            method, int(parameters.get("order", 1)), parameters.get("repeats", "keep"),
            bool(parameters.get("drops_direct", 0)),
        )  # fmt: skip

    def spec_of(self, fit: engine.Fit) -> engine.MethodSpec:
        """Return how journeys are credited by a fit: its weights, after the same steps as in training."""
        prefers = (engine.NON_DIRECT,) if self.drops_direct else ()
        return replace(fit.spec, repeats=self.repeats, prefers=(*fit.spec.prefers, *prefers))


@dataclass(frozen=True, slots=True)
class TrainedShare:
    """What a fit says of one channel, or of the baseline: its share of all credit with the 95 % interval."""

    channel: str
    weight: float
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Move:
    """A share that left the interval of the fit before."""

    channel: str
    before: float
    now: float


@dataclass(frozen=True, slots=True)
class TrainedLookbacks:
    """How long touchpoints counted in a training, and the version of the overrides of sources (0: there were none)."""

    click: timedelta
    view: timedelta
    version: int


@dataclass(frozen=True, slots=True)
class TrainingInfo:
    """One training. `shares` is empty unless it succeeded; `baseline` is None for methods that know none."""

    id: int
    goal_id: int
    goal_version: int
    method: str
    status: str
    stage: str
    progress: int
    is_active: bool
    is_cancel_wanted: bool
    is_nightly: bool
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    window_from: datetime
    window_to: datetime
    parameters: Mapping[str, str | int | float]
    data_hash: str
    paths: int
    conversions: int
    sampled: float
    refusal: str
    error: str
    moves: tuple[Move, ...] = ()
    is_move_seen: bool = True
    shares: tuple[TrainedShare, ...] = ()
    baseline: TrainedShare | None = None
    quality: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    lookbacks: TrainedLookbacks | None = None

    @property
    def has_succeeded(self) -> bool:
        """Whether its weights can be used."""
        return bool(self.shares)

    def share_of(self, channel: str) -> TrainedShare | None:
        """Return what it says of a channel; of the baseline by its name."""
        if self.baseline and self.baseline.channel == channel:
            return self.baseline
        return next((one for one in self.shares if one.channel == channel), None)


def moves_between(before: TrainingInfo, now: TrainingInfo) -> tuple[Move, ...]:
    """Return the shares that left each other's intervals, the greatest move first."""
    found = []
    for one in (*now.shares, *((now.baseline,) if now.baseline else ())):
        was = before.share_of(one.channel)
        if was and not was.low <= one.share <= was.high and not one.low <= was.share <= one.high:
            found.append(Move(one.channel, was.share, one.share))
    return tuple(sorted(found, key=lambda move: (-abs(move.now - move.before), move.channel)))
