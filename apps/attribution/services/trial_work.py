"""The work of a trial: journeys under a number of its own, and a fit on them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import attribution as engine
from apps.attribution import journey_sql
from apps.attribution.adapters import clickhouse_histories
from apps.attribution.adapters import clickhouse_journeys as journeys
from apps.attribution.adapters import clickhouse_persons as persons
from apps.attribution.adapters.build_lock import build_lock
from apps.attribution.domain.goals import Rule, rule_of
from apps.attribution.domain.reading import ReadingRules
from apps.attribution.domain.supposing import trial_number
from apps.attribution.domain.trials import TrialRules, TrialTraining, trial_rule
from apps.attribution.models import Goal, Trial, Watermark
from apps.attribution.queries.event_reading import reading_rules
from apps.attribution.services import fitting
from apps.attribution.services.building import BuildUnderWay
from apps.attribution.services.computing import is_unwanted, step
from apps.attribution.services.drawing import MARGIN, draw_histories
from apps.attribution.training_sql import Material
from apps.shared import regions

Stage = Trial.Stage


def build_trial(trial: Trial, rules: TrialRules, definition: Mapping[str, Any]) -> None:
    """Write the journeys of a trial under its own number."""
    property_id, number = trial.property_id, trial_number(trial.pk)
    rule = trial_rule(trial.pk, definition, milestone_of(property_id, definition))
    with build_lock(property_id) as is_held:
        if not is_held:
            raise BuildUnderWay(f"A build of property {property_id} is under way.")
        step(trial, Stage.BUILDING, 5)
        watermark = Watermark.objects.get(property_id=property_id)
        trial.journeys_state = watermark.journeys_state
        journeys.drop_goal(property_id, number)
        events, _ = persons.newest_stored(property_id)
        slices = journeys.slices_for(events)
        reading = _reading(property_id, rules)
        who = persons.who_is_who(property_id, reading.identity)
        for part in range(slices):
            reach = journey_sql.reach_of_slice(who, reading, [rule], slice_number=part, slices=slices)
            version = journeys.conversion_version(watermark.build)
            journeys.write_journeys(property_id, [rule], reach, reading, since=persons.EPOCH, version=version)
            step(trial, Stage.BUILDING, 5 + round(45 * (part + 1) / slices))
        journeys.write_refunds(property_id, [rule], build=watermark.build, orders=None)
        journeys.merge_parts(2, region=regions.of_property(property_id))


def fit_trial(trial: Trial, rules: TrialRules, training: TrialTraining, *, is_once: bool) -> dict[str, Any]:
    """Train on the journeys of a trial, and on histories drawn by its rules."""
    step(trial, Stage.DRAWING, 50)
    window = [datetime.fromisoformat(instant) for instant in trial.rules["window"]]
    own_drawing = trial_number(trial.pk)
    try:
        material = Material(
            goal_id=trial_number(trial.pk),
            goal_version=1,
            is_once=is_once,
            window_from=window[0],
            window_to=window[1],
            lookbacks=engine.Lookbacks(training.click_lookback, training.view_lookback),
            versions=training.versions,
            drawing=_drawn(trial, rules, training, since=window[0] - engine.WIDEST_LOOKBACK),
            repeats=training.options.repeats,
            drops_direct=training.options.drops_direct,
        )
        step(trial, Stage.COUNTING, 70)
        _, statistic = fitting.statistic_of(trial.property_id, training.options, material)
        step(trial, Stage.FITTING, 80)
        return fitting.fit(training.options, statistic, is_unwanted=lambda: is_unwanted(trial)).to_dict()
    finally:
        clickhouse_histories.drop(trial.property_id, drawing=own_drawing)


def _drawn(trial: Trial, rules: TrialRules, training: TrialTraining, *, since: datetime) -> int:
    """Return the number of a drawing of histories: that of trainings where the rules are the same, else its own."""

    def told(part: float) -> None:
        step(trial, Stage.DRAWING, 50 + round(20 * part))

    if rules.visit_gap is None and training.channel_rules is None:
        return draw_histories(property_id=trial.property_id, since=since, told=told)
    reading = _reading(trial.property_id, rules)
    clickhouse_histories.draw(
        trial.property_id,
        drawing=trial_number(trial.pk),
        drawn_from=since - MARGIN,
        told=told,
        who=persons.who_is_who(trial.property_id, reading.identity),
        reading=reading,
    )
    return trial_number(trial.pk)


def _reading(property_id: int, rules: TrialRules) -> ReadingRules:
    """Return how events are read for a trial; other channel rules are worked out later unless they are learned from."""
    now = reading_rules(property_id)
    tried = rules.training.channel_rules if rules.training else None
    channels = now.channel_rules if tried is None else (tried,)
    return replace(now, visit_gap=rules.visit_gap or now.visit_gap, channel_rules=channels)


def milestone_of(property_id: int, definition: Mapping[str, Any]) -> Rule | None:
    """Return the rule of the milestone that a definition names."""
    goal = Goal.objects.filter(property_id=property_id, pk=definition.get("milestone") or 0).first()
    return rule_of(goal.pk, goal.version, goal.definition()) if goal else None
