"""A person as pages and programs show them: ids, what joined them, which journeys they feed, what would move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import attribution as engine
from apps.attribution.domain.results import CreditMove

Pair = tuple[str, str]
LONGEST_ID = engine.LONGEST_ID


class NothingToPart(LookupError):
    """No two ids of the person are to be kept apart: there is nothing that joins them."""


@dataclass(frozen=True, slots=True)
class KnownId:
    """An id of a person: its text (``a:...`` or ``u:...``), and the events that name it alone or first."""

    key: str
    events: int
    first_at: datetime | None
    last_at: datetime | None

    @property
    def is_user(self) -> bool:
        """Whether it is a user id; otherwise it is a device's."""
        return self.key.startswith("u:")

    @property
    def text(self) -> str:
        """The id as it was sent."""
        return self.key[2:]


@dataclass(frozen=True, slots=True)
class FedJourney:
    """A conversion of a person, as far as a list shows it."""

    conversion_id: str
    goal_id: int
    converted_at: datetime
    value: Decimal
    currency: str
    touchpoints: int
    is_refund: bool


@dataclass(frozen=True, slots=True)
class PersonDetail:
    """A person: the id that names them, their ids, the log of joins, their latest conversions, and the rules' version.

    `has_more` when there are more ids, joins or conversions than are listed.
    """

    key: str
    ids: tuple[KnownId, ...]
    joins: tuple[engine.Join[str], ...]
    journeys: tuple[FedJourney, ...]
    version: int
    has_more: bool = False

    def pairs_of_id(self, key: str) -> tuple[Pair, ...]:
        """Return what must be kept apart so that an id leaves the person. Raises NothingToPart."""
        others = [one.key for one in self.ids if one.key != key]
        users = [one for one in others if one.startswith("u:")]
        # A user leaves other users and takes the devices along that are theirs; the last user leaves the devices.
        leaving = users or others if key.startswith("u:") else users
        if not leaving or key not in {one.key for one in self.ids}:
            raise NothingToPart(key)
        return tuple(ordered(key, one) for one in leaving)

    def pairs_of_join(self, message_id: str) -> tuple[Pair, ...]:
        """Return what an event joined. Raises NothingToPart."""
        return self._pairs([one for one in self.joins if one.message_id == message_id], message_id)

    def pairs_after(self, instant: datetime) -> tuple[Pair, ...]:
        """Return what was joined after an instant. Raises NothingToPart."""
        return self._pairs([one for one in self.joins if one.joined_at > instant], instant)

    def _pairs(self, joins: Sequence[engine.Join[str]], sought: object) -> tuple[Pair, ...]:
        found = {ordered(one.id, one.user) for one in joins if one.outcome == engine.JoinOutcome.JOINED}
        if not found:
            raise NothingToPart(sought)
        return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class MovedId:
    """An id that would belong to somebody else."""

    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What would move under other rules: of `examined` conversions, how many would have other touchpoints, and credit.

    `part` of the people was examined, 1 for everybody who is concerned.
    """

    examined: int
    changed: int
    unattributed_before: float
    unattributed_after: float
    moves: tuple[CreditMove, ...]
    ids: tuple[MovedId, ...] = ()
    part: float = 1.0

    @property
    def moved(self) -> float:
        """How many conversions change hands, wholly or in part."""
        return sum(one.conversions for one in self.moves)

    @property
    def moved_revenue(self) -> Decimal:
        """How much money does."""
        return sum((abs(one.revenue) for one in self.moves), Decimal(0))


def ordered(one: str, other: str) -> Pair:
    """Return two ids in the order that rules hold them."""
    return (one, other) if one <= other else (other, one)
