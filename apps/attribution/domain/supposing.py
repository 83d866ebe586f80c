"""What a question supposes instead of what is in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import attribution as engine

# Trials have numbers of their own among the goals of journeys, from here on.
TRIALS: Final = 1 << 63


@dataclass(frozen=True, slots=True)
class Supposed:
    """Rules that stand for those in force in one question; what is None is as it is in force.

    `channel_rules` and `overrides` hold for all touchpoints and conversions, `parameters` are those of the question's
    method, and `trial_id` names the journeys that were built, and the fit that was trained, for a trial.
    """

    channel_rules: engine.ChannelRules | None = None
    overrides: tuple[engine.LookbackOverride, ...] | None = None
    parameters: Mapping[str, Any] | None = None
    trial_id: int | None = None


NOTHING: Final = Supposed()


def trial_number(trial_id: int) -> int:
    """Return the number under which the journeys of a trial lie."""
    return TRIALS + trial_id
