"""What other apps receive about decisions: a trace, and who won how many."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Candidate:
    """A click or view that could have won, and the rule that decided about it: a code, and its sentence in English."""

    id: str
    kind: str
    evidence: str
    source: str
    campaign: str
    age: timedelta
    code: str
    parameters: Mapping[str, str | int]
    text: str


@dataclass(frozen=True, slots=True)
class DecisionEntry:
    """One entry of a decision; the greatest one holds, those before are what was thought earlier."""

    opening_id: str
    goal_id: int
    entry: int
    outcome: str
    counts_in: str
    occurred_at: datetime
    decided_at: datetime
    rules_version: int
    winner_id: str
    winner_source: str
    winner_campaign: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class DecidedRow:
    """A source ("" where nobody won): what it won, and the conversions in the app that are credited to it.

    `credited` counts every row, `primary` those that totals count; money is that of primary rows.
    """

    source: str
    installs: int
    reattributions: int
    reengagements: int
    plain_reinstalls: int
    credited: int
    primary: int
    revenue: Decimal
