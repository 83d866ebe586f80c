"""What an address tries beside goal, method, lookbacks and channel rules: read, checked, and drawn again."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.attribution import api as attribution
from apps.orgs import api as orgs
from apps.reports import wording
from apps.reports.domain.state import Filter, ReportState

RETRAINING = ("retrain", "order", "repeats", "drops_direct")
LONGEST = 1000
PARAMETER_LABELS = {
    "half_life": gettext_lazy("Half-life in hours"),
    "first": gettext_lazy("Weight of the first"),
    "milestone": gettext_lazy("Weight at the milestone"),
    "rest": gettext_lazy("Weight of those between"),
    "last": gettext_lazy("Weight of the last"),
    "from_start": gettext_lazy("Weights from the first on, apart by commas"),
    "from_end": gettext_lazy("Weights from the last back, apart by commas"),
    "otherwise": gettext_lazy("Weight of all others"),
    "by_channel": gettext_lazy("Factors of channels, such as Email: 2, Direct: 0"),
    "by_kind": gettext_lazy("Factors of view, visit and click, such as view: 0.5"),
}


@dataclass(slots=True)
class Else:
    """What else is tried: the rules wanted, which of them are said, what must be built, and what is wrong."""

    wanted: attribution.RuleValues
    form: attribution.TriedGoalForm
    parameters: dict[str, Any] | None = None
    overrides_are_tried: bool = False
    trial: attribution.TrialRules | None = None
    problems: dict[str, str] = field(default_factory=dict)
    carried: list[Filter] = field(default_factory=list)
    gap: str = ""
    rows: list[attribution.LookbackRow] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    retraining: dict[str, str] = field(default_factory=dict)

    @property
    def is_tried(self) -> bool:
        """Whether the address says any of it."""
        return bool(self.carried)


def read_else(
    request: orgs.PropertyRequest, state: ReportState, now: attribution.RuleValues, wanted: attribution.RuleValues,
    channel_rules: Any,
) -> Else:  # fmt: skip
    """Return what else an address tries; what cannot be read is named, and stays as it is in force."""
    query, goal_id = request.GET, wanted.goal_id
    found = Else(wanted, attribution.tried_goal_form(request.property.id, goal_id, query))
    _read_parameters(found, query, now, state.method)
    _read_lookbacks(found, query, now)
    gap = _read_gap(found, query, now)
    definition = _read_definition(found, query, now, goal_id)
    training = _read_training(found, request.property.id, query, state, channel_rules)
    rules = attribution.TrialRules(goal_id, definition, gap, training)
    found.trial = rules if rules.is_needed else None
    return found


def parameter_fields(found: Else) -> list[dict[str, str]]:
    """Return the fields of the method's parameters, with what is wrong."""
    return [
        {
            "name": f"p_{name}",
            "label": str(PARAMETER_LABELS[name]),
            "value": value,
            "error": found.problems.get(f"p_{name}", ""),
        }
        for name, value in found.words.items()
    ]


def _read_parameters(found: Else, query: Any, now: attribution.RuleValues, method: str) -> None:
    in_force = dict((now.parameters or {}).get(method, {}))
    found.words = attribution.words_of_parameters(method, in_force)
    said = {name: query[f"p_{name}"][:LONGEST] for name in found.words if f"p_{name}" in query}
    if not said:
        return
    found.words |= said
    found.carried += [(f"p_{name}", value) for name, value in said.items()]
    try:
        parameters = attribution.parameters_of_words(method, {**found.words})
    except attribution.BadParameters as error:
        name = error.args[0] or next(iter(found.words))
        found.problems[f"p_{name}"] = _("These weights cannot be used: numbers of 0 or more, not all of them 0.")
        return
    spec = attribution.spec_of(method, parameters)
    if spec == attribution.spec_of(method, in_force):
        return
    others = {name: own for name, own in (now.parameters or {}).items() if name != method}
    own = {} if spec == attribution.spec_of(method, {}) else {method: parameters}
    found.parameters = parameters
    found.wanted = replace(found.wanted, parameters={**others, **own})


def _read_lookbacks(found: Else, query: Any, now: attribution.RuleValues) -> None:
    said = attribution.read_lookback_rows({name: query.getlist(name) for name in query})
    if said is None:
        found.rows = attribution.rows_of_overrides(attribution.stored_overrides(now.overrides or ()))
        return
    found.rows = said
    found.carried += attribution.row_parameters(said)
    try:
        overrides = attribution.read_overrides(attribution.overrides_of_rows(said))
    except attribution.BadOverrides as error:
        found.problems["lookbacks"] = attribution.lookback_problem(error)
    else:
        found.overrides_are_tried = True
        found.wanted = replace(found.wanted, overrides=overrides)


def _read_gap(found: Else, query: Any, now: attribution.RuleValues) -> timedelta | None:
    in_force = now.visit_gap or timedelta(minutes=30)
    found.gap = f"{in_force / timedelta(minutes=1):g}"
    said = query.get("gap", "").strip()
    if not said:
        return None
    found.gap = said[:20]
    if not (said.isascii() and said.isdigit() and len(said) < 5 and 1 <= int(said) <= 24 * 60):
        found.carried.append(("gap", found.gap))
        found.problems["gap"] = _("A visit gap is 1 to 1440 minutes.")
        return None
    gap = timedelta(minutes=int(said))
    if gap == in_force:
        return None
    found.carried.append(("gap", said))
    found.wanted = replace(found.wanted, visit_gap=gap)
    return gap


def _read_definition(found: Else, query: Any, now: attribution.RuleValues, goal_id: int) -> dict[str, Any] | None:
    if not found.form.is_bound:
        return None
    said = [(name, value[:500]) for name, value in query.items() if name.startswith("g-")]
    if not found.form.is_valid():
        found.carried += said
        found.problems["goal"] = _("The definition of the goal is not complete.")
        return None
    definition = found.form.definition()
    if definition == now.definitions.get(goal_id):
        return None
    found.carried += said
    found.wanted = replace(found.wanted, definitions={**now.definitions, goal_id: definition})
    return definition


def _read_training(
    found: Else, property_id: int, query: Any, state: ReportState, channel_rules: Any
) -> attribution.TrialTraining | None:
    if state.method not in wording.LEARNED_TITLES:
        return None
    found.retraining = {name: query.get(name, "")[:20] for name in RETRAINING}
    if not found.retraining["retrain"]:
        return None
    found.carried += [(name, value) for name, value in found.retraining.items() if value]
    order = found.retraining["order"]
    try:
        options = attribution.TrainingOptions(
            state.method,
            int(order) if order.isascii() and order.isdigit() and state.method == "markov" else 1,
            found.retraining["repeats"] or "keep",  # type: ignore[arg-type]
            bool(found.retraining["drops_direct"]),
        )
    except attribution.BadOptions:
        found.problems["training"] = _("This method cannot be trained like that.")
        return None
    versions = attribution.versions_in_use(property_id, found.wanted.overrides if found.overrides_are_tried else None)
    return attribution.TrialTraining(options, state.click_lookback, state.view_lookback, channel_rules, versions)
