"""The search through quarantine, a fix, and the reason of a discard."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.ingestion import api as ingestion
from apps.orgs import api as orgs
from apps.quality.domain import fixes, rules
from apps.quality.forms.sentences import said
from apps.quality.models import FixRule
from apps.quality.queries import Selection

DAYS = 30
_YEARS = range(2000, 2101)  # what an instant of the store can hold, and nobody asks for more
STATES = (
    ("", _("Every state")),
    ("waiting", _("Waits")),
    ("failed_again", _("Failed again")),
    ("under_way", _("On its way")),
    ("replayed", _("Replayed")),
    ("discarded", _("Discarded")),
)


_NO_PAIR = _("“%(line)s” is no pair: write before = after.")
_CASTS = (
    ("number", _("number")),
    ("integer", _("whole number")),
    ("string", _("text")),
    ("boolean", _("true or false")),
)


class SearchForm(forms.Form):
    """Which events of the quarantine are shown."""

    message_id = forms.CharField(label=_("Message id"), required=False, max_length=512, strip=False)
    event = forms.CharField(label=_("Event name contains"), required=False, max_length=200)
    text = forms.CharField(label=_("Payload contains"), required=False, max_length=200)
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)
    reason = forms.ChoiceField(label=_("Reason"), required=False)
    expectation_id = forms.TypedChoiceField(label=_("Expectation"), required=False, coerce=int, empty_value=None)
    stream_id = forms.TypedChoiceField(label=_("Stream"), required=False, coerce=int, empty_value=None)
    first = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(
        self, data: Any, *, info: orgs.PropertyInfo, reasons: Sequence[str], expectations: dict[int, str]
    ) -> None:
        super().__init__(data)
        self._zone = ZoneInfo(info.time_zone)
        streams = [(one.pk, one.name) for one in orgs.streams_of(info.id)]
        for name, choices in (
            ("reason", [("", _("Every reason")), *((one, _told(one)) for one in reasons)]),
            ("expectation_id", [("", _("Every expectation")), *expectations.items()]),
            ("stream_id", [("", _("Every stream")), *streams]),
        ):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def selection(self, *, now: datetime) -> Selection:
        """Return what was asked for; what cannot be read asks for everything of the last days."""
        valid = self.is_valid()
        given = {name: self.cleaned_data.get(name) for name in self.fields} if valid else {}
        first, last = (
            day if day and day.year in _YEARS else None for day in (given.pop("first", None), given.pop("last", None))
        )
        midnight = now.astimezone(self._zone).date()
        since = datetime.combine(first or midnight - timedelta(days=DAYS), time(0), tzinfo=self._zone)
        until = datetime.combine((last or midnight) + timedelta(days=1), time(0), tzinfo=self._zone)
        one = str(given.pop("message_id", None) or "")
        if one.strip() != one:  # spaces were pasted along, or the id has them
            given["message_ids"] = tuple(filter(None, (one, one.strip())))
        else:
            given["message_id"] = one
        return Selection(since, until, **{name: value for name, value in given.items() if value})


def _told(reason: str) -> str:
    """Return a reason in words, behind the name that programs know it by."""
    words = ingestion.said_of_reason(reason)
    return f"{reason} – {words}" if words else reason


class FixForm(forms.Form):
    """One fix of one field."""

    field = forms.CharField(
        label=_("Field"),
        max_length=200,
        help_text=_("Such as properties.revenue, or properties.lines[].price for each line."),
    )
    action = forms.ChoiceField(label=_("What it does"), choices=FixRule.Action.choices)
    pairs = forms.CharField(
        label=_("Values"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("For “replace values”: one pair a line, such as: euro = EUR."),
    )
    cast_to = forms.ChoiceField(
        label=_("Type"),
        required=False,
        choices=_CASTS,
        help_text=_("For “change the type”: 1.234,50 € becomes 1234.5."),
    )
    value = forms.CharField(
        label=_("Value"), required=False, max_length=500, help_text=_("For “set where it is missing”.")
    )
    new_name = forms.CharField(
        label=_("New field"), required=False, max_length=200, help_text=_("For “rename the field”: properties.total.")
    )
    is_kept = forms.BooleanField(label=_("Keep the fix: try it on events that fail as they arrive"), required=False)
    name = forms.CharField(label=_("Name of the kept fix"), required=False, max_length=120)

    @property
    def parameter_groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """What each action takes; a style sheet shows those of the chosen one alone."""
        named = {"mapping": "pairs", "cast": "cast_to", "default": "value", "rename": "new_name"}
        return [(action, [self[name]]) for action, name in named.items()]

    def clean_pairs(self) -> dict[str, str]:
        """Return the pairs; refuse a line that is none."""
        pairs = {}
        for line in self.cleaned_data["pairs"].replace("\0", "").splitlines():
            if line.strip():
                before, sign, after = line.partition("=")
                if not sign:
                    raise forms.ValidationError(_NO_PAIR, params={"line": line[:60]})
                pairs[before.strip()] = after.strip()
        return pairs

    def clean(self) -> dict[str, Any]:
        """Say beside its field what is wrong with the fix as a whole."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        fix = self.fix()
        try:
            fixes.check(fix["field"], fix["action"], fix["parameters"])
        except rules.BadRule as error:
            self.add_error(self._place(error.place), said(error))
        if cleaned.get("is_kept") and not cleaned.get("name"):
            self.add_error("name", _("A kept fix needs a name."))
        return cleaned

    def fix(self) -> dict[str, Any]:
        """Return the fix as JSON."""
        cleaned = self.cleaned_data
        parameters = {
            "mapping": {"values": cleaned["pairs"]},
            "cast": {"to": cleaned["cast_to"] or "number"},
            "default": {"value": cleaned["value"]},
            "rename": {"to": cleaned["new_name"]},
        }[cleaned["action"]]
        return {"field": cleaned["field"].strip(), "action": cleaned["action"], "parameters": parameters}

    def _place(self, place: str) -> str:
        action = self.cleaned_data["action"]
        return {"values": "pairs", "to": "cast_to" if action == "cast" else "new_name"}.get(place, place)


class DiscardForm(forms.Form):
    """Why events are discarded."""

    note = forms.CharField(label=_("Why they are discarded"), max_length=300)
