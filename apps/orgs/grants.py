"""The form of what somebody may do: a role, in which properties, on which part of the figures."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.orgs.domain.permissions import Permission
from apps.orgs.fields import DAY, SpanField, inherited, seconds, span_text
from apps.orgs.forms import CLICK_LOOKBACKS, VIEW_LOOKBACKS, offer_regions
from apps.orgs.models import CustomRole, Grant, Organization, Property, Role

_CUSTOM = "custom:"
_MOST = 200


class LinesField(forms.CharField):
    """Texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 2, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        """Show a list as lines."""
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        """Return the texts without doubles."""
        lines = (line.strip() for line in str(value or "").replace("\0", "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def validate(self, value: Any) -> None:
        """Refuse what is too long for a column."""
        if len(value) > _MOST or any(len(line) > 120 for line in value):
            raise ValidationError(_("At most %(most)s lines of 120 characters."), params={"most": _MOST})

    def run_validators(self, value: Any) -> None:
        """Skip the validators of a text: this is a list by now."""


class GrantForm(forms.Form):
    """What a member, an invited person or a program may do."""

    role = forms.ChoiceField(label=_("Role"))
    property_ids = forms.TypedMultipleChoiceField(
        label=_("Properties"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of them, also those to come."),
    )
    sources = LinesField(
        label=_("Limited to sources"),
        required=False,
        help_text=_("One a line, as in reports: google, newsletter. Figures then show their credit and nothing else."),
    )
    countries = LinesField(
        label=_("Limited to countries"), required=False, help_text=_("One a line, as two letters: DE, FR.")
    )

    def __init__(self, *args: Any, organization: Organization, grant: Grant | None = None, **options: Any) -> None:
        if grant is not None:
            options["initial"] = {**_initial(grant), **options.get("initial", {})}
        super().__init__(*args, **options)
        self._roles = {row.pk: row for row in CustomRole.objects.filter(organization=organization)}
        custom = [(f"{_CUSTOM}{pk}", row.name) for pk, row in self._roles.items()]
        self.fields["role"].choices = [*Role.choices, *custom]  # type: ignore[attr-defined]
        rows = Property.objects.filter(organization=organization)
        self.fields["property_ids"].choices = [(row.pk, row.name) for row in rows]  # type: ignore[attr-defined]

    def clean_countries(self) -> list[str]:
        """Refuse what is no code of a country."""
        codes = [code.upper() for code in self.cleaned_data["countries"]]
        for code in codes:
            if not re.fullmatch(r"[A-Z]{2}", code):
                raise ValidationError(_("“%(code)s” is not the code of a country."), params={"code": code[:20]})
        return codes

    def grant(self) -> dict[str, Any]:
        """Return the fields of a `Grant`."""
        chosen = self.cleaned_data["role"]
        is_custom = chosen.startswith(_CUSTOM)
        return {
            "role": Role.VIEWER if is_custom else Role(chosen),
            "custom_role": self._roles[int(chosen.removeprefix(_CUSTOM))] if is_custom else None,
            **{name: self.cleaned_data[name] for name in ("property_ids", "sources", "countries")},
        }


def _initial(grant: Grant) -> dict[str, Any]:
    role = f"{_CUSTOM}{grant.custom_role_id}" if grant.custom_role_id else grant.role
    return {
        "role": role,
        "property_ids": grant.property_ids,
        "sources": grant.sources,
        "countries": grant.countries,
    }


class InvitationForm(GrantForm):
    """Whom to invite, as what."""

    email = forms.EmailField(label=_("E-mail address"))
    field_order = ("email", "role")


class ServiceAccountForm(GrantForm):
    """A program, and what it may do."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("What it is for: warehouse, agency report."))
    field_order = ("name", "role")


class KeyForm(forms.Form):
    """A key of a program."""

    name = forms.CharField(label=_("Name"), max_length=120)
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What the key may be used for, as far as its account may."),
    )
    days = forms.TypedChoiceField(
        label=_("Expires"),
        coerce=int,
        choices=[(30, _("In 30 days")), (90, _("In 90 days")), (365, _("In a year")), (0, _("Never"))],
        initial=90,
    )
    networks = LinesField(
        label=_("Allowed addresses"),
        required=False,
        help_text=_("One address or network a line, such as 192.0.2.0/24. None: from everywhere."),
    )
    per_minute = forms.IntegerField(label=_("Requests a minute"), min_value=1, max_value=6000, initial=120)

    def __init__(
        self, *args: Any, offered: Sequence[Permission], titles: dict[Permission, Any], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.fields["scopes"].choices = [(one.value, titles[one]) for one in offered]  # type: ignore[attr-defined]


class RoleForm(forms.Form):
    """A role of one's own making."""

    name = forms.CharField(label=_("Name"), max_length=60)
    permissions = forms.MultipleChoiceField(label=_("Allows"), widget=forms.CheckboxSelectMultiple)

    def __init__(
        self, *args: Any, offered: Sequence[Permission], titles: dict[Permission, Any], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.fields["permissions"].choices = [(one.value, titles[one]) for one in offered]  # type: ignore[attr-defined]


class OrganizationForm(forms.ModelForm):
    """What an organization is called, and where its new properties keep their events.

    Its address stays, because people have it in their bookmarks.
    """

    region = forms.ChoiceField(
        label=_("Region of new properties"),
        required=False,
        help_text=_("Properties that exist stay in their own region."),
    )

    click_lookback = SpanField(
        label=_("Click lookback"),
        required=False,
        help_text=_("For properties that do not say it in their settings. A change holds for every period at once."),
    )
    view_lookback = SpanField(label=_("View lookback"), required=False)

    class Meta:
        model = Organization
        fields = ["name", "region", "click_lookback", "view_lookback"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offered = {"click_lookback": (CLICK_LOOKBACKS, 30 * DAY), "view_lookback": (VIEW_LOOKBACKS, DAY)}
        for name, (some, usual) in offered.items():
            own = getattr(self.instance, name)
            words = gettext("As usual: %(span)s") % {"span": span_text(usual)}
            self.fields[name].choices = inherited(some, own, words)  # type: ignore[attr-defined]
            self.initial[name] = seconds(own) if own else ""
        offer_regions(self, _("Chosen for each property"))
