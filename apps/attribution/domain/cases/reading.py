"""From the text of a file to its cases: settings over settings, spans, instants, shares."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypeVar

import attribution as engine
from apps.attribution.domain.cases.documents import Document, Place, read_document
from apps.attribution.domain.cases.happenings import openings_of, read_event
from apps.attribution.domain.cases.texts import NOON, instant, span
from apps.attribution.domain.cases.values import BadCases, Case, CaseSettings
from apps.attribution.domain.goals import BadFilter, Rule, rule_of

NamedGoals = Mapping[str, Rule]
Read = TypeVar("Read")
DEFAULT_GOAL: Final = Rule(goal_id=0, version=1, kind="track", event_name="Order Completed")
PRODUCT_SETTINGS: Final = CaseSettings(goal=DEFAULT_GOAL, method=engine.METHODS["last_non_direct"].spec)
_RULE_SPANS: Final = (
    "click_lookback", "view_lookback", "probabilistic_lookback", "reattribution", "reengagement", "inactivity",
)  # fmt: skip
# What the engine and the goals say about values that fit the schema and make no sense all the same.
_REFUSED: Final = (
    engine.BadSpecError,
    engine.BadLookbackError,
    engine.BadChannelRuleError,
    engine.BadIdentityRulesError,
    engine.BadClickIdError,
    engine.BadDecisionRulesError,
    engine.NaiveInstantError,
    BadFilter,
    TypeError,
    ValueError,
    ArithmeticError,
)


def read_cases(
    text: str, file: str, *, settings: CaseSettings = PRODUCT_SETTINGS, goals: NamedGoals | None = None
) -> list[Case]:
    """
    Return the cases of one file.

    Parameters
    ----------
    text : str
        YAML that fits `docs/cases.schema.json`.
    file : str
        What messages call it.
    settings : CaseSettings
        What holds where the file says nothing.
    goals : mapping, optional
        Goals that a case can name.

    Raises
    ------
    BadCases
        With a line for each thing that is wrong: not YAML, not the schema, a
        method, goal, span or instant that makes no sense, a name that comes
        twice, an expectation about what the case does not have.
    """
    document = read_document(text, file)
    reader = _Reader(document, file, settings, goals or {})
    cases = [reader.case(number) for number in range(len(document.values["cases"]))]
    reader.check_names(cases)
    if reader.problems:
        raise BadCases("\n".join(reader.problems))
    return [case for case in cases if case is not None]


@dataclass(slots=True)
class _Reader:
    document: Document
    file: str
    base: CaseSettings
    goals: NamedGoals
    problems: list[str]

    def __init__(self, document: Document, file: str, base: CaseSettings, goals: NamedGoals) -> None:
        self.document, self.file, self.base, self.goals = document, file, base, goals
        self.problems = []

    def case(self, number: int) -> Case | None:
        """Return one case, or None after noting what is wrong with it."""
        place: Place = ("cases", number)
        said = self.document.values["cases"][number]
        defaults = self.document.values.get("defaults", {})
        try:
            return self._case(place, said, defaults)
        except _Misplaced as error:
            self.problems.append(f"{self.file}:{self.document.line(error.place)}: {error}")
        except _REFUSED as error:
            self.problems.append(f"{self.file}:{self.document.line(place)}: {said['name']}: {error}")
        return None

    def check_names(self, cases: list[Case | None]) -> None:
        """Note each name that comes twice."""
        seen: dict[str, int] = {}
        for case in cases:
            if case is not None and case.name in seen:
                self.problems.append(f"{self.file}:{case.line}: {case.name!r} is the name of line {seen[case.name]}.")
            elif case is not None:
                seen[case.name] = case.line

    def _case(self, place: Place, said: dict[str, Any], defaults: dict[str, Any]) -> Case:
        settings = self._at(
            (*place, "settings"),
            lambda: self._settings({**defaults.get("settings", {}), **said.get("settings", {})}),
        )
        events = tuple(self._each(place, said, "events", read_event))
        openings = tuple(self._each(place, said, "openings", openings_of))
        rules = self._at(
            (*place, "rules"), lambda: _decision_rules({**defaults.get("rules", {}), **said.get("rules", {})})
        )
        expect = {str(name): one for name, one in said["expect"].items()}
        known = {one.event.id for one in events} | {one.opening.id for one in openings}
        for name in expect:
            if name not in known:
                raise _Misplaced((*place, "expect", name), f"{name!r} is nothing that the case has.")
        in_app = tuple((_moment(one), {str(k): v for k, v in one["rows"].items()}) for one in said.get("in_app", ()))
        line = self.document.line(place)
        return Case(
            said["name"], said.get("rule", ""), self.file, line, settings, expect, events, openings, rules, in_app
        )

    def _each(
        self, place: Place, said: dict[str, Any], name: str, read: Callable[[dict[str, Any]], Read]
    ) -> Iterator[Read]:
        for number, one in enumerate(said.get(name, ())):
            yield self._at((*place, name, number), partial(read, one))

    def _at(self, place: Place, read: Callable[[], Read]) -> Read:
        """Return what *read* returns, or say where it failed."""
        try:
            return read()
        except _REFUSED as error:
            if isinstance(error, _Misplaced):
                raise
            raise _Misplaced(place, f"{'.'.join(str(part) for part in place)}: {error}") from error

    def _settings(self, said: dict[str, Any]) -> CaseSettings:
        base = self.base
        lookbacks = engine.Lookbacks(
            click=span(said["click_lookback"]) if "click_lookback" in said else base.lookbacks.click,
            view=span(said["view_lookback"]) if "view_lookback" in said else base.lookbacks.view,
            overrides=_overrides(said, base),
        )
        return replace(
            base,
            goal=self._goal(said["goal"]) if "goal" in said else base.goal,
            method=_transformed(_method(said, base), said),
            lookbacks=lookbacks,
            visit_gap=span(said["visit_gap"]) if "visit_gap" in said else base.visit_gap,
            currency=said.get("currency", base.currency),
            own_domains=frozenset(said.get("own_domains", base.own_domains)),
            referrer_exclusions=_exclusions(said, base),
            channel_rules=_channel_rules(said, base),
            campaign_opens=said.get("campaign_opens", base.campaign_opens),
            click_ids=_click_ids(said, base),
            identity=_identity(said, base),
        )

    def _goal(self, said: str | dict[str, Any]) -> Rule:
        if isinstance(said, dict):
            return _rule(said)
        if said not in self.goals:
            known = ", ".join(sorted(self.goals)) or "none"
            raise ValueError(f"There is no goal {said!r}; the goals are: {known}.")
        return self.goals[said]


class _Misplaced(ValueError):
    """Something is wrong at a place that is known."""

    def __init__(self, place: Place, words: str) -> None:
        super().__init__(words)
        self.place = place


def _method(said: dict[str, Any], base: CaseSettings) -> engine.MethodSpec:
    name = said.get("method", base.method.name)
    parameters = dict(said.get("parameters", {}))
    if name not in engine.METHODS:
        raise ValueError(f"There is no method {name!r}; the methods are: {', '.join(engine.METHODS)}.")
    if not parameters:
        return base.method if name == base.method.name else engine.METHODS[name].spec
    return engine.METHODS[name].build(**{key: _parameter(key, value) for key, value in parameters.items()})


def _transformed(method: engine.MethodSpec, said: dict[str, Any]) -> engine.MethodSpec:
    """Return a method with the transforms of the path that a case asks for."""
    if said.get("drop_direct"):
        method = replace(method, prefers=(*method.prefers, engine.NON_DIRECT))
    return replace(method, repeats=said["repeats"]) if "repeats" in said else method


def _overrides(said: dict[str, Any], base: CaseSettings) -> tuple[engine.LookbackOverride, ...]:
    if "lookback_overrides" not in said:
        return base.lookbacks.overrides
    return tuple(
        engine.LookbackOverride(
            source=one.get("source", ""),
            campaign=one.get("campaign", ""),
            ad_group=one.get("ad_group", ""),
            click=span(one["click"]) if "click" in one else None,
            view=span(one["view"]) if "view" in one else None,
        )
        for one in said["lookback_overrides"]
    )


def _parameter(name: str, value: Any) -> Any:
    if name == "half_life":
        return span(value)
    if isinstance(value, dict):
        return {str(key): float(one) for key, one in value.items()}
    return [float(one) for one in value] if isinstance(value, list) else float(value)


def _exclusions(said: dict[str, Any], base: CaseSettings) -> frozenset[str]:
    if "referrer_exclusions" not in said:
        return base.referrer_exclusions
    return engine.DEFAULT_REFERRER_EXCLUSIONS | frozenset(said["referrer_exclusions"])


def _channel_rules(said: dict[str, Any], base: CaseSettings) -> tuple[engine.ChannelRules, ...]:
    if "channel_rules" not in said:
        return base.channel_rules
    since = said.get("channel_rules_from")
    return (engine.ChannelRules.of(said["channel_rules"], instant(since) if since else None),)


def _click_ids(said: dict[str, Any], base: CaseSettings) -> tuple[tuple[str, str, str], ...]:
    if "click_ids" not in said:
        return base.click_ids
    own = {str(name): (words["source"], words["medium"]) for name, words in said["click_ids"].items()}
    return tuple((name, facts.source, facts.medium) for name, facts in engine.checked_click_ids(own).items())


def _identity(said: dict[str, Any], base: CaseSettings) -> engine.IdentityRules:
    names = ("ignored_ids", "most_users", "apart")
    return engine.IdentityRules.of({**base.identity.stored(), **{name: said[name] for name in names if name in said}})


def _rule(said: dict[str, Any], *, goal_id: int = 0) -> Rule:
    milestone = said.get("milestone")
    definition = {
        "kind": said.get("kind", "track"),
        "event_name": said.get("event", ""),
        "filters": [[str(part) for part in condition] for condition in said.get("where", ())],
        "value_field": said.get("value_from", ""),
        "fixed_value": None if "fixed_value" not in said else Decimal(str(said["fixed_value"])),
        "counting": said.get("counting", "every"),
    }
    return rule_of(goal_id, 1, definition, _rule(milestone, goal_id=goal_id + 1) if milestone else None)


def _decision_rules(said: dict[str, Any]) -> engine.DecisionRules:
    spans = {name: span(said[name]) for name in _RULE_SPANS if name in said}
    return engine.DecisionRules(version=int(said.get("version", 0)), **spans)


def _moment(said: dict[str, Any]) -> engine.Event:
    at = instant(said["at"]) if "at" in said else NOON - span(said.get("ago", 0))
    return engine.Event("", "track", at, at)
