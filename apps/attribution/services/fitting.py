"""One fit: statistics out of ClickHouse, weights out of the engine, interrupted when nobody wants it any more."""

from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import Any

import attribution as engine
from apps.attribution.adapters import clickhouse_statistics as statistics
from apps.attribution.domain.training import TrainingOptions
from apps.attribution.training_sql import Material

# How often a fit asks whether it is still wanted.
EVERY = 0.5


class FitUnwanted(Exception):
    """Somebody wants the fit to end."""


def statistic_of(property_id: int, options: TrainingOptions, material: Material) -> tuple[float, Any]:
    """Return which part of the people a method looks at, and what it learns from."""
    match engine.LEARNED[options.method].statistic:
        case "transitions":
            return 1.0, statistics.transition_counts(property_id, material, order=options.order)
        case "coalitions":
            return 1.0, statistics.coalition_counts(property_id, material)
        case _:
            kept = statistics.sampled_parts(property_id, material)
            people = statistics.watched_people(property_id, material, kept=kept)
            return kept / statistics.ALL, [engine.feature_block(people, family) for family in ("time", "visit")]


def fit(options: TrainingOptions, statistic: Any, *, is_unwanted: Callable[[], bool]) -> engine.Fit:
    """Return what a method learned, with the steps that paths went through. Raises CannotTellError or FitUnwanted."""
    asked_at = monotonic()

    def ask() -> None:
        nonlocal asked_at
        if monotonic() - asked_at < EVERY:
            return
        asked_at = monotonic()
        if is_unwanted():
            raise FitUnwanted

    with engine.interrupted_by(ask):
        found = engine.LEARNED[options.method].fit(statistic)
    return replace(found, spec=options.spec_of(found), parameters={**found.parameters, **options.parameters})
