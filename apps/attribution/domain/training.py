"""What other apps receive about trainings: how far one is, what it found, and why it could not tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

MARKOV_ORDERS = (1, 2, 3, 4)
WINDOW_DAYS = (30, 60, 90, 180, 365)
DEFAULT_DAYS = 90


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
