"""What is looked for in the record, how long it is kept, and where it goes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from apps.compliance.models import LONGEST, SHORTEST
from apps.compliance.queries import Wanted
from apps.compliance.wording import ACTORS, SUBJECTS


class RecordForm(forms.Form):
    """Narrow the record down. What cannot be understood is marked and left out."""

    q = forms.CharField(label=_("Search"), required=False, max_length=120)
    subject = forms.ChoiceField(label=_("Subject"), required=False)
    actor = forms.ChoiceField(label=_("By"), required=False)
    first = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["subject"].choices = [("", _("Everything")), *SUBJECTS.items()]  # type: ignore[attr-defined]
        self.fields["actor"].choices = [("", _("Everybody")), *ACTORS.items()]  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        """Return what is looked for, as far as it was understood."""
        self.is_valid()
        given = self.cleaned_data
        return Wanted(
            text=given.get("q", ""),
            subject=given.get("subject", ""),
            actor_kind=given.get("actor", ""),
            first=given.get("first"),
            last=given.get("last"),
        )


class RetentionForm(forms.Form):
    """For how many years the record is kept."""

    years = forms.TypedChoiceField(
        label=_("Keep entries for"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("Shorter than one year is not possible. Entries that are older are deleted by night, for good."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        spans = [
            (years, ngettext_lazy("%(years)s year", "%(years)s years", years) % {"years": years})
            for years in range(SHORTEST, LONGEST + 1)
        ]
        self.fields["years"].choices = [("", _("Ever")), *spans]  # type: ignore[attr-defined]


class EndpointForm(forms.Form):
    """An address that is to receive the record."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
        help_text=_("A public https address of yours. Redirects are not followed."),
    )
