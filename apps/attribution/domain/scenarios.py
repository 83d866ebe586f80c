"""Rules under which credit can be asked for: those in force, and others that somebody tries."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, NamedTuple

import attribution as engine
from apps.attribution.domain.lookbacks import read_overrides, stored_overrides
from apps.attribution.domain.supposing import Supposed

ChannelRules = engine.ChannelRules


class BadRules(ValueError):
    """Channel rules that somebody wrote cannot be understood: the number of the line, and what is wrong by a code.

    `no_channel`, `no_value`, `long`, `many_conditions`, `many_rules` or `unknown` (field or operator).
    """


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that decides about credit at reading. What is None is as it is in force, see `Supposed`."""

    goal_id: int
    method: str
    click_lookback: timedelta
    view_lookback: timedelta
    channel_rules: engine.ChannelRules | None = None
    overrides: tuple[engine.LookbackOverride, ...] | None = None
    parameters: Mapping[str, Any] | None = None
    trial_id: int | None = None
    # Whether its conversions are others than those in force: another definition of the goal was tried.
    has_own_conversions: bool = False

    @property
    def supposed(self) -> Supposed:
        """What stands for what is in force."""
        return Supposed(self.channel_rules, self.overrides, self.parameters, self.trial_id)

    def bounds(self) -> dict[str, Any]:
        """Return the arguments of a question about all conversions, whoever gets the credit."""
        return {name: getattr(self, name) for name in ("goal_id", "click_lookback", "view_lookback", "supposed")}

    def question(self) -> dict[str, Any]:
        """Return the arguments of a question about credit."""
        return {**self.bounds(), "method": self.method}


@dataclass(frozen=True, slots=True)
class RuleValues:
    """The rules of a property that a promotion can change, as values that JSON can hold.

    `definitions` are those of goals, by id; `parameters` those of methods that are not as they are by default. What is
    None, and a goal that is not named, was not kept: a promotion of before there was such a rule.
    """

    goal_id: int
    method: str
    click_lookback: timedelta
    view_lookback: timedelta
    channel_rules: engine.ChannelRules
    visit_gap: timedelta | None = None
    overrides: tuple[engine.LookbackOverride, ...] | None = None
    parameters: Mapping[str, Mapping[str, Any]] | None = None
    definitions: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """Return the values for JSON; spans in seconds."""
        return {
            "goal": self.goal_id,
            "method": self.method,
            "click_lookback": self.click_lookback.total_seconds(),
            "view_lookback": self.view_lookback.total_seconds(),
            "channel_rules": self.channel_rules.stored(),
            "visit_gap": None if self.visit_gap is None else self.visit_gap.total_seconds(),
            "overrides": None if self.overrides is None else stored_overrides(self.overrides),
            "parameters": self.parameters,
            "definitions": {str(goal): dict(one) for goal, one in self.definitions.items()},
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "RuleValues":
        """Return the values that `stored` wrote, now or before there were so many."""
        gap, overrides = stored.get("visit_gap"), stored.get("overrides")
        return cls(
            goal_id=stored["goal"],
            method=stored["method"],
            click_lookback=timedelta(seconds=stored["click_lookback"]),
            view_lookback=timedelta(seconds=stored["view_lookback"]),
            channel_rules=engine.ChannelRules.of(stored["channel_rules"]),
            visit_gap=None if gap is None else timedelta(seconds=gap),
            overrides=None if overrides is None else read_overrides(overrides),
            parameters=stored.get("parameters"),
            definitions={int(goal): one for goal, one in stored.get("definitions", {}).items()},
        )

    @property
    def fingerprint(self) -> str:
        """A name that the same rules have: what somebody saw is told by it."""
        text = json.dumps(self.stored(), sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def differences(self, other: "RuleValues") -> list[str]:
        """Return the names of what is not the same, among what both know; goals are compared one by one."""
        mine, others = self.stored(), other.stored()
        found = [
            name
            for name in mine
            if name != "definitions" and None not in (mine[name], others[name]) and mine[name] != others[name]
        ]
        return [*found, *(["definitions"] if self.redefined(other) else [])]

    def redefined(self, other: "RuleValues") -> list[int]:
        """Return the goals whose definitions differ, among those that both know."""
        both = self.definitions.keys() & other.definitions.keys()
        return sorted(goal for goal in both if dict(self.definitions[goal]) != dict(other.definitions[goal]))


class RuleRow(NamedTuple):
    """One line of the form of channel rules; without a channel it is one more condition of the line above."""

    channel: str
    field: str
    operator: str
    value: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing was filled in."""
        return not self.channel and not self.value


def rules_of_rows(rows: Iterable[tuple[str, str, str, str]]) -> engine.ChannelRules:
    """Return the rules that the lines of a form describe. Raises BadRules."""
    rules: list[engine.ChannelRule] = []
    for number, row in enumerate((RuleRow(*one) for one in rows), start=1):
        if row.is_empty:
            continue
        try:
            condition = engine.ChannelCondition(row.field, row.operator, row.value)
            if row.channel:
                rules.append(engine.ChannelRule(row.channel, (condition,)))
            elif rules:
                rules[-1] = replace(rules[-1], conditions=(*rules[-1].conditions, condition))
        except engine.BadChannelRuleError as error:
            raise BadRules(number, _problem(row, rules)) from error
        if not rules:
            raise BadRules(number, "no_channel")
    if len(rules) > engine.MOST_CHANNEL_RULES:
        raise BadRules(len(rules), "many_rules")
    return engine.ChannelRules(tuple(rules))


def _problem(row: RuleRow, rules: list[engine.ChannelRule]) -> str:
    """Name what makes a line no rule."""
    if row.field not in engine.CHANNEL_RULE_FIELDS or row.operator not in engine.CHANNEL_RULE_OPERATORS:
        return "unknown"
    if not row.value:
        return "no_value"
    if len(row.channel) > engine.LONGEST_CHANNEL or len(row.value) > engine.LONGEST_TEXT:
        return "long"
    return "many_conditions" if rules else "unknown"


def rows_of_rules(rules: engine.ChannelRules) -> list[RuleRow]:
    """Return the lines that describe rules."""
    return [
        RuleRow("" if number else rule.channel, one.field, one.operator, one.value)
        for rule in rules.rules
        for number, one in enumerate(rule.conditions)
    ]
