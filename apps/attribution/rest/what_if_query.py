"""What the API about what-if is asked."""

import json
from datetime import timedelta
from typing import Any

from rest_framework import serializers

import attribution as engine
from apps.attribution import queries
from apps.attribution.domain.goals import BadFilter, rule_of
from apps.attribution.domain.lookbacks import BadOverrides, read_overrides
from apps.attribution.domain.method_parameters import BadParameters, spec_of
from apps.attribution.domain.training import BadOptions, TrainingOptions
from apps.attribution.domain.trials import TrialTraining
from apps.attribution.rest.serializers import RulesQuery

DIMENSIONS = ("channel", "source", "medium", "campaign")
_DEFINED = {"kind", "event_name", "filters", "value_field", "fixed_value", "counting"}
_DAY = timedelta(days=1)


class WhatIfQuery(RulesQuery):
    """Which days of the property's time zone, under which rules, grouped by what."""

    # The name of the address, which Python has taken.
    vars()["from"] = serializers.DateField(help_text="First day.")
    to = serializers.DateField(help_text="Last day.")
    by = serializers.ChoiceField(choices=DIMENSIONS, default="channel")
    channel_rules = serializers.CharField(
        required=False,
        max_length=20_000,
        help_text='JSON: [{"channel": "Podcasts", "when": [["source", "starts_with", "pod-"]]}]. Tried on all days.',
    )

    overrides = serializers.CharField(
        required=False,
        max_length=20_000,
        help_text='JSON: [{"source": "google", "campaign": "brand", "ad_group": "boots", "click": 168, "view": 24}],'
        " hours. Tried on all days.",
    )
    parameters = serializers.CharField(
        required=False,
        max_length=5_000,
        help_text='JSON: parameters of the method, such as {"half_life": 48} (hours) or {"first": 0.5, "last": 0.5}.',
    )
    visit_gap = serializers.IntegerField(
        required=False, min_value=1, max_value=24 * 60, help_text="In minutes. Needs a trial."
    )
    goal_definition = serializers.CharField(
        required=False,
        max_length=10_000,
        help_text='JSON: what is tried of the goal: {"counting": "once", "filters": [["plan", "equals", "pro"]]}.'
        " Also kind, event_name, value_field, fixed_value. Needs a trial.",
    )
    retrain = serializers.CharField(
        required=False,
        max_length=200,
        help_text='JSON: {"order": 2, "repeats": "collapse", "drops_direct": true}, or {}. Trains the method on what is'
        " tried; without it the stored weights are used. Needs a trial.",
    )

    def validate_overrides(self, text: str) -> tuple[engine.LookbackOverride, ...]:
        """Read the overrides."""
        try:
            return read_overrides(_json(text))
        except BadOverrides as error:
            number, code = error.args
            raise serializers.ValidationError(f"Override {number}: {code}.") from error

    def validate_parameters(self, text: str) -> dict[str, Any]:
        """Read the parameters; whether the method has them is judged when it is known."""
        return _object(text)

    def validate_goal_definition(self, text: str) -> dict[str, Any]:
        """Read what is tried of the goal."""
        found = _object(text)
        if unknown := found.keys() - _DEFINED:
            raise serializers.ValidationError(f"{min(unknown)} cannot be tried.")
        return found

    def validate_retrain(self, text: str) -> dict[str, Any]:
        """Read the options of a training."""
        return _object(text)

    def read_parameters(self, method: str) -> None:
        """Check the parameters of *method*. Raises ValidationError."""
        try:
            spec_of(method, self.validated_data.get("parameters", {}) if method in engine.METHODS else {})
        except BadParameters as error:
            raise serializers.ValidationError({"parameters": f"{error.args[0]}: {error.args[1]}"}) from error
        except KeyError:
            if self.validated_data.get("parameters"):
                raise serializers.ValidationError({"parameters": "A method that learns has none."}) from None

    def definition(self, in_force: dict[str, Any]) -> dict[str, Any] | None:
        """Return the definition that is tried, None where it is that in force. Raises ValidationError."""
        tried = in_force | self.validated_data.get("goal_definition", {})
        try:
            rule_of(0, 1, tried)
        except (BadFilter, ArithmeticError, TypeError, ValueError) as error:
            raise serializers.ValidationError({"goal_definition": f"This is no definition: {error}"}) from error
        return None if tried == in_force else tried

    def tried_gap(self, in_force: timedelta | None) -> timedelta | None:
        """Return the visit gap that is tried, None where it is that in force."""
        minutes = self.validated_data.get("visit_gap")
        gap = None if minutes is None else timedelta(minutes=minutes)
        return None if gap == in_force else gap

    def training(self, property_id: int, method: str, click: timedelta, view: timedelta) -> TrialTraining | None:
        """Return the training that is tried. Raises ValidationError."""
        said = self.validated_data.get("retrain")
        if said is None:
            return None
        try:
            options = TrainingOptions.of(method, said)
        except (BadOptions, TypeError, ValueError) as error:
            raise serializers.ValidationError({"retrain": str(error)}) from error
        versions = queries.versions_in_use(property_id, self.validated_data.get("overrides"))
        return TrialTraining(options, click, view, self.validated_data.get("channel_rules"), versions)

    def validate_channel_rules(self, text: str) -> engine.ChannelRules:
        """Read the rules."""
        try:
            return engine.ChannelRules.of(json.loads(text))
        except (ValueError, RecursionError) as error:
            raise serializers.ValidationError(f"These are no channel rules: {error}") from error

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Refuse a period that ends before it begins, or is longer than ten years."""
        if not timedelta(0) <= given["to"] - given["from"] <= 3660 * _DAY:
            raise serializers.ValidationError({"to": "The period must end after it begins and span ten years at most."})
        return given


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise serializers.ValidationError(f"This is no JSON: {error}") from error


def _object(text: str) -> dict[str, Any]:
    found = _json(text)
    if not isinstance(found, dict):
        raise serializers.ValidationError("This is no JSON object.")
    return found
