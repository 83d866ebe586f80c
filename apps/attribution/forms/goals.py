"""The form of a goal: plain fields, a fixed number of rows for conditions, so that it works without JavaScript."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.attribution.domain.goals import MAX_FILTERS, BadFilter, Filter
from apps.attribution.models import Goal

OPERATORS = (
    ("equals", _("is")),
    ("not_equals", _("is not")),
    ("contains", _("contains")),
    ("starts_with", _("begins with")),
    ("more_than", _("is more than")),
    ("at_least", _("is at least")),
    ("less_than", _("is less than")),
    ("at_most", _("is at most")),
    ("is_set", _("is there")),
    ("is_not_set", _("is missing")),
)
VALUES = (
    ("event", _("The event's revenue, value or total")),
    ("field", _("Another property of the event")),
    ("fixed", _("The same for each conversion")),
)
_SPARE_ROWS = 2
_FEWEST_ROWS = 3


class Condition(NamedTuple):
    """The three controls of one condition, and what is wrong with it."""

    path: forms.BoundField
    operator: forms.BoundField
    value: forms.BoundField


class GoalForm(forms.Form):
    """What counts as a conversion, and what it is worth."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("What pages call it, such as “Sale”."))
    kind = forms.ChoiceField(label=_("Kind of event"), choices=Goal.Kind.choices)
    event_name = forms.CharField(
        label=_("Event name"),
        max_length=200,
        required=False,
        help_text=_("Exactly as it is sent, such as “Order Completed”. Empty: any page or screen."),
        widget=forms.TextInput(attrs={"list": "seen-events", "autocomplete": "off"}),
    )
    value_source = forms.ChoiceField(label=_("Worth of a conversion"), choices=VALUES)
    value_field = forms.CharField(
        label=_("Property with the worth"), max_length=200, required=False, help_text=_("Such as “margin”.")
    )
    fixed_value = forms.DecimalField(
        label=_("Fixed worth"), max_digits=18, decimal_places=4, min_value=0, required=False
    )
    counting = forms.ChoiceField(label=_("Counting"), choices=Goal.Counting.choices)
    milestone = forms.ModelChoiceField(
        label=_("Milestone"),
        queryset=Goal.objects.none(),
        required=False,
        empty_label=_("None"),
        help_text=_("The goal on the way to this one, for the W-shaped method."),
    )
    decides = forms.ChoiceField(
        label=_("One winner"),
        choices=Goal.Decides.choices,
        required=False,
        help_text=_("For installs and openings of apps: one source wins, and the others are told why they did not."),
    )
    is_primary = forms.BooleanField(
        label=_("Primary goal"), required=False, help_text=_("The goal that reports begin with.")
    )

    def __init__(self, *args: Any, property_id: int, goal: Goal | None = None, **options: Any) -> None:
        stored = list(goal.filters) if goal else []
        options["initial"] = {**_initial(goal, stored), **options.get("initial", {})}
        super().__init__(*args, **options)
        others = Goal.objects.filter(property_id=property_id, is_archived=False)
        milestone = self.fields["milestone"]
        milestone.queryset = others.exclude(pk=goal.pk) if goal else others  # type: ignore[attr-defined]
        self.rows = min(max(len(stored) + _SPARE_ROWS, _FEWEST_ROWS, self._rows_sent()), MAX_FILTERS)
        for number in range(self.rows):
            self.fields[f"path_{number}"] = forms.CharField(label=_("Property"), max_length=200, required=False)
            self.fields[f"operator_{number}"] = forms.ChoiceField(
                label=_("Condition"), choices=OPERATORS, required=False
            )
            self.fields[f"operand_{number}"] = forms.CharField(label=_("Value"), max_length=500, required=False)

    def conditions(self) -> Iterator[Condition]:
        """Return the rows of conditions, some of them empty."""
        for number in range(self.rows):
            yield Condition(self[f"path_{number}"], self[f"operator_{number}"], self[f"operand_{number}"])

    def plain_fields(self) -> list[forms.BoundField]:
        """Return the fields that decide which events count and how, in order."""
        return [self[name] for name in ("name", "kind", "event_name", "counting", "milestone", "decides", "is_primary")]

    def value_fields(self) -> list[forms.BoundField]:
        """Return the fields that decide what a conversion is worth, in order."""
        return [self[name] for name in ("value_source", "value_field", "fixed_value")]

    def clean(self) -> dict[str, Any]:
        """Check what fields say together."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == Goal.Kind.TRACK and not cleaned.get("event_name"):
            self.add_error("event_name", _("Say which event."))
        source = cleaned.get("value_source")
        if source == "field" and not cleaned.get("value_field"):
            self.add_error("value_field", _("Say which property."))
        if source == "fixed" and cleaned.get("fixed_value") is None:
            self.add_error("fixed_value", _("Say how much."))
        cleaned["filters"] = self._clean_filters(cleaned)
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return the fields of the goal that the form describes."""
        given = self.cleaned_data
        source = given["value_source"]
        return {
            **{
                name: given[name]
                for name in ("name", "kind", "event_name", "counting", "milestone", "is_primary", "decides")
                if name in given
            },
            "filters": given["filters"],
            "value_field": given["value_field"] if source == "field" else "",
            "fixed_value": given["fixed_value"] if source == "fixed" else None,
        }

    def _clean_filters(self, cleaned: dict[str, Any]) -> list[list[str]]:
        found = []
        for number in range(self.rows):
            path = cleaned.get(f"path_{number}", "").strip()
            if not path:
                continue
            row = [path, cleaned.get(f"operator_{number}") or "equals", cleaned.get(f"operand_{number}", "")]
            try:
                Filter(*row)
            except BadFilter as error:
                self.add_error(f"path_{number}", ValidationError(str(error)))
            found.append(row)
        return found

    def _rows_sent(self) -> int:
        return sum(name.startswith("path_") for name in self.data) if self.is_bound else 0


class TriedGoalForm(GoalForm):
    """Another definition of a goal, to be tried: everything but its name and its rank."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, prefix="g", **options)
        for name in ("name", "is_primary"):
            del self.fields[name]

    def plain_fields(self) -> list[forms.BoundField]:
        """Return the fields that decide which events count and how, in order."""
        return [self[name] for name in ("kind", "event_name", "counting", "milestone", "decides")]

    def definition(self) -> dict[str, Any]:
        """Return the definition that a valid form describes, as `Goal.definition` has it."""
        given = {name: value for name, value in self.values().items() if name not in ("name", "is_primary")}
        return Goal(**given).definition()

    def _rows_sent(self) -> int:
        return sum(name.startswith(f"{self.prefix}-path_") for name in self.data) if self.is_bound else 0


def tried_goal_form(property_id: int, goal_id: int, query: Mapping[str, Any]) -> TriedGoalForm:
    """Return the form of a goal as it is, or as an address tries it."""
    goal = Goal.objects.get(property_id=property_id, pk=goal_id)
    data = query if "g-kind" in query else None
    return TriedGoalForm(data, property_id=property_id, goal=goal)


def _initial(goal: Goal | None, stored: list[list[str]]) -> dict[str, Any]:
    if goal is None:
        return {"value_source": "event"}
    source = "fixed" if goal.fixed_value is not None else "field" if goal.value_field else "event"
    initial: dict[str, Any] = {"value_source": source}
    plain = (
        "name",
        "kind",
        "event_name",
        "value_field",
        "fixed_value",
        "counting",
        "milestone",
        "decides",
        "is_primary",
    )
    for name in plain:
        initial[name] = getattr(goal, name)
    for number, (path, operator, operand) in enumerate(stored):
        initial |= {f"path_{number}": path, f"operator_{number}": operator, f"operand_{number}": operand}
    return initial
