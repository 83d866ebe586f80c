"""The form of an expectation: every parameter is a field, those of other kinds are left alone; it needs no script."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.orgs import api as orgs
from apps.quality.domain import rules
from apps.quality.forms.sentences import said
from apps.quality.models import Drift, Expectation

_TYPES = (
    ("string", _("text")),
    ("number", _("number")),
    ("integer", _("whole number")),
    ("boolean", _("true or false")),
    ("object", _("object")),
    ("array", _("list")),
)
_KEPT_BY = {
    "in_set": ("values",),
    "range": ("min", "max"),
    "regex": ("pattern",),
    "type": ("types",),
    "schema": ("reports",),
    "freshness": ("within",),
    "volume": ("weeks", "band"),
}


class ExpectationForm(forms.Form):
    """What is expected, of which events, and what becomes of those that fail."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("What pages call it: “Orders carry money”."))
    event = forms.CharField(
        label=_("Events"),
        max_length=200,
        initial="*",
        help_text=_("The name that is tracked, or page, screen, identify; * stands for anything, as in Order*."),
        widget=forms.TextInput(attrs={"list": "seen-events", "autocomplete": "off"}),
    )
    stream = forms.TypedChoiceField(
        label=_("Stream"), required=False, coerce=lambda one: int(one) if one else None, empty_value=None
    )
    kind = forms.ChoiceField(label=_("What is expected"), choices=Expectation.Kind.choices)
    field = forms.CharField(
        label=_("Field"),
        max_length=200,
        required=False,
        help_text=_(
            "Such as properties.revenue, properties.lines[].sku (of each line), context.campaign.source, userId or "
            "value. Not for shape, freshness and volume, which look at the whole."
        ),
    )
    severity = forms.ChoiceField(label=_("Events that fail"), choices=Expectation.Severity.choices)
    is_on = forms.BooleanField(label=_("In use"), required=False, initial=True)

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    values = forms.CharField(
        label=_("Allowed values"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("For “is one of”: one a line."),
    )
    min = forms.CharField(label=_("Smallest"), required=False, max_length=40, help_text=_("For “lies within”."))
    max = forms.CharField(label=_("Largest"), required=False, max_length=40, help_text=_("For “lies within”."))
    pattern = forms.CharField(
        label=_("Pattern"),
        required=False,
        max_length=rules.LONGEST_PATTERN,
        help_text=_("For “matches a pattern”: a regular expression (RE2) for the whole text, such as [A-Z]{2}[0-9]+."),
    )
    types = forms.MultipleChoiceField(
        label=_("Types"), required=False, choices=_TYPES, widget=forms.CheckboxSelectMultiple
    )
    reports = forms.MultipleChoiceField(
        label=_("Differences that fail"),
        required=False,
        choices=Drift.Kind.choices,
        initial=list(rules.DRIFTS[:3]),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For “has the learned shape”."),
    )
    within = forms.CharField(
        label=_("At least every"), required=False, max_length=10, help_text=_("For “keeps coming”: 90m, 6h or 2d.")
    )
    weeks = forms.IntegerField(
        label=_("Weeks to compare with"), required=False, min_value=2, max_value=12, initial=4,
        help_text=_("For “comes as usual”: the same weekday of so many weeks."),
    )  # fmt: skip
    band = forms.FloatField(
        label=_("Width of the band"), required=False, min_value=0.5, max_value=20, initial=3,
        help_text=_("For “comes as usual”: how many usual deviations are allowed."),
    )  # fmt: skip

    def __init__(self, *args: Any, property_id: int, row: Expectation | None = None, **options: Any) -> None:
        if row is not None:
            options["initial"] = _initial(row)
        super().__init__(*args, **options)
        streams = [(str(one.pk), one.name) for one in orgs.streams_of(property_id)]
        self.fields["stream"].choices = [("", _("All streams")), *streams]  # type: ignore[attr-defined]

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """What every expectation has."""
        return [self[name] for name in ("name", "event", "stream", "kind", "field", "severity", "is_on")]

    @property
    def parameter_groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """What each kind takes beside a field; a style sheet shows those of the chosen kind alone."""
        return [(kind, [self[name] for name in names]) for kind, names in _KEPT_BY.items()]

    def clean_values(self) -> list[str]:
        """Return the lines."""
        lines = (line.strip() for line in self.cleaned_data["values"].replace("\0", "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def clean(self) -> dict[str, Any]:
        """Say beside its field what is wrong with the expectation as a whole."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        given = self.given()
        try:
            rules.check(given["kind"], given["field"], given["parameters"], given["severity"], given["event"])
        except rules.BadRule as error:
            self.add_error(error.place if error.place in self.fields else None, said(error))
        return cleaned

    def given(self) -> dict[str, Any]:
        """Return the fields of an expectation."""
        cleaned = self.cleaned_data
        names = _KEPT_BY.get(cleaned["kind"], ())
        parameters = {name: cleaned[name] for name in names if cleaned[name] not in (None, "", [])}
        is_of_field = cleaned["kind"] in rules.OF_FIELDS
        return {
            **{name: cleaned[name] for name in ("name", "event", "kind", "severity", "is_on")},
            "field": cleaned["field"].strip() if is_of_field else "",
            "stream_id": cleaned["stream"],
            "parameters": parameters,
        }

    def rule(self) -> rules.Rule:
        """Return the expectation as it would be."""
        given = self.given()
        return rules.Rule(
            0, given["name"], rules.Kind(given["kind"]), given["field"], given["parameters"],
            rules.Severity(given["severity"]), given["event"], given["stream_id"],
        )  # fmt: skip


def _initial(row: Expectation) -> dict[str, Any]:
    names = ("name", "event", "kind", "field", "severity", "is_on")
    parameters = dict(row.parameters)
    if "values" in parameters:
        parameters["values"] = "\n".join(rules.text(one) or "" for one in parameters["values"])
    return {
        **{name: getattr(row, name) for name in names},
        "stream": str(row.stream_id or ""),
        "version": row.version,
        **parameters,
    }
