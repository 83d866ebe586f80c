"""A trial: rules whose journeys must be built anew, and a method that may be trained on them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import attribution as engine
from apps.attribution.domain.goals import Rule, rule_of
from apps.attribution.domain.lookbacks import LookbackVersion, read_versions, stored_versions
from apps.attribution.domain.supposing import trial_number
from apps.attribution.domain.training import TrainingOptions

LEAST_GAP: Final = timedelta(minutes=1)
MOST_GAP: Final = timedelta(days=1)


class BadTrial(ValueError):
    """What was asked for cannot be tried."""


@dataclass(frozen=True, slots=True)
class TrialTraining:
    """A method to be trained on the tried journeys, under the tried lookbacks and channel rules.

    `versions` are those of the lookback overrides, newest first; what is tried is the only one.
    """

    options: TrainingOptions
    click_lookback: timedelta
    view_lookback: timedelta
    channel_rules: engine.ChannelRules | None = None
    versions: tuple[LookbackVersion, ...] = ()

    def stored(self) -> dict[str, Any]:
        """Return the values for JSON; spans in seconds."""
        return {
            **self.options.stored(),
            "click": self.click_lookback.total_seconds(),
            "view": self.view_lookback.total_seconds(),
            "channel_rules": None if self.channel_rules is None else self.channel_rules.stored(),
            "versions": stored_versions(self.versions),
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "TrialTraining":
        """Return the values that `stored` wrote."""
        rules = stored["channel_rules"]
        return cls(
            options=TrainingOptions.of(stored["method"], stored["parameters"]),
            click_lookback=timedelta(seconds=stored["click"]),
            view_lookback=timedelta(seconds=stored["view"]),
            channel_rules=None if rules is None else engine.ChannelRules.of(rules),
            versions=read_versions(stored.get("versions", ())),
        )


@dataclass(frozen=True, slots=True)
class TrialRules:
    """What a trial tries of a goal; what is None is as it is in force."""

    goal_id: int
    definition: Mapping[str, Any] | None = None
    visit_gap: timedelta | None = None
    training: TrialTraining | None = None

    @property
    def is_needed(self) -> bool:
        """Whether journeys or weights must be made anew: everything else is worked out at reading."""
        return self.definition is not None or self.visit_gap is not None or self.training is not None

    @property
    def name(self) -> str:
        """A fingerprint: the same rules have the same one."""
        text = json.dumps(self.stored(), sort_keys=True, ensure_ascii=False)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def stored(self) -> dict[str, Any]:
        """Return the values for JSON; spans in seconds."""
        return {
            "goal": self.goal_id,
            "definition": None if self.definition is None else dict(self.definition),
            "visit_gap": None if self.visit_gap is None else self.visit_gap.total_seconds(),
            "training": None if self.training is None else self.training.stored(),
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "TrialRules":
        """Return the values that `stored` wrote."""
        gap, training = stored["visit_gap"], stored["training"]
        return cls(
            goal_id=stored["goal"],
            definition=stored["definition"],
            visit_gap=None if gap is None else timedelta(seconds=gap),
            training=None if training is None else TrialTraining.of(training),
        )


@dataclass(frozen=True, slots=True)
class TrialInfo:
    """How far a trial is. `is_stale` says that events have arrived, or rules have changed, since it was built."""

    id: int
    goal_id: int
    status: str
    stage: str
    progress: int
    is_active: bool
    is_cancel_wanted: bool
    is_stale: bool
    refusal: str
    error: str
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None
    has_fit: bool

    @property
    def has_succeeded(self) -> bool:
        """Whether its journeys can be read."""
        return self.status == "succeeded"


def trial_rule(trial_id: int, definition: Mapping[str, Any], milestone: Rule | None) -> Rule:
    """Return the rule that the journeys of a trial follow."""
    return rule_of(trial_number(trial_id), 1, definition, milestone)
