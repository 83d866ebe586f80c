"""What is looked for in the record."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

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
