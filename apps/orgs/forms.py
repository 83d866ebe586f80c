"""The forms of a property: its rules, and its beginning."""

from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from babel.numbers import list_currencies
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from apps.orgs.domain.values import PropertyInfo
from apps.orgs.fields import DAY, HOUR, SpanField, inherited, seconds, span_text
from apps.orgs.models import Organization, Stream
from apps.orgs.wording import METHOD_TITLES
from apps.shared import regions

CLICK_LOOKBACKS = (HOUR, 6 * HOUR, 12 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 60 * DAY, 90 * DAY)
VIEW_LOOKBACKS = (HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY)
# Money that is no longer, or was never, paid with; a sale cannot be in them.
_NOT_MONEY = {"XAU", "XAG", "XPD", "XPT", "XTS", "XXX", "XDR", "XUA", "XSU"}


def _currencies() -> list[tuple[str, str]]:
    names = Locale.parse((get_language() or "en").replace("-", "_")).currencies
    codes = sorted(code for code in list_currencies() if code not in _NOT_MONEY and len(code) == 3)
    return [(code, f"{code} · {names[code]}" if code in names else code) for code in codes]


def _time_zones() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones())]


class SettingsForm(forms.Form):
    """Every rule of a property; saving makes a new version, and only on top of the version that was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    currency = forms.ChoiceField(label=_("Currency"), help_text=_("Money on every page is shown in it."))
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Decides when a day begins on every page."))
    click_lookback = SpanField(
        label=_("Click lookback"),
        required=False,
        help_text=_("How long before a conversion a click or a visit can earn credit."),
    )
    view_lookback = SpanField(
        label=_("View lookback"),
        required=False,
        help_text=_("How long before a conversion an impression can earn credit."),
    )
    default_method = forms.ChoiceField(
        label=_("Default method"), help_text=_("What pages show until somebody chooses another.")
    )

    def __init__(self, *args: Any, info: PropertyInfo, **options: Any) -> None:
        rules = info.rules
        self.version_in_force = rules.version
        options["initial"] = {
            "version": rules.version,
            "currency": info.currency,
            "time_zone": info.time_zone,
            "click_lookback": seconds(rules.own_lookbacks[0]) if rules.own_lookbacks[0] else "",
            "view_lookback": seconds(rules.own_lookbacks[1]) if rules.own_lookbacks[1] else "",
            "default_method": rules.default_method,
        }
        super().__init__(*args, **options)
        self._offer("currency", _currencies())
        self._offer("time_zone", _time_zones())
        offered = {"click_lookback": CLICK_LOOKBACKS, "view_lookback": VIEW_LOOKBACKS}
        for (name, some), own, common in zip(offered.items(), rules.own_lookbacks, rules.common_lookbacks, strict=True):
            words = gettext("As the organization says: %(span)s") % {"span": span_text(common)}
            self._offer(name, inherited(some, own, words))
        self._offer("default_method", list(METHOD_TITLES.items()))

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_version(self) -> int:
        """Refuse to overwrite what somebody else saved meanwhile."""
        if self.cleaned_data["version"] != self.version_in_force:
            raise ValidationError(_("Somebody else changed the settings meanwhile. Look at them and save again."))
        return self.version_in_force

    def changes(self) -> dict[str, Any]:
        """Return the fields that differ from what holds now."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "version"}


def offer_regions(form: forms.BaseForm, none: str | Promise) -> None:
    """Fill the field `region` with the regions and *none* of them, or take it away where there is nothing to choose."""
    if len(regions.declared()) < 2:
        del form.fields["region"]
        return
    offered = [(name, regions.title(name)) for name in regions.declared()]
    form.fields["region"].choices = [("", none), *offered]  # type: ignore[attr-defined]


class NewPropertyForm(forms.Form):
    """What a property begins with. Its address is made from its name."""

    organization = forms.ModelChoiceField(
        label=_("Organization"), queryset=Organization.objects.none(), required=False, empty_label=None
    )
    organization_name = forms.CharField(
        label=_("Name of the organization"), max_length=120, required=False, help_text=_("A new one, which you own.")
    )
    name = forms.CharField(
        label=_("Name of the property"), max_length=120, help_text=_("What you measure: a site, an app, or both.")
    )
    currency = forms.ChoiceField(label=_("Currency"), help_text=_("Money on every page is shown in it."))
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Decides when a day begins on every page."))
    region = forms.ChoiceField(
        label=_("Region"),
        required=False,  # an organization may have said it for all of its properties
        help_text=_("Decides where the events of this property are kept. It cannot be changed later."),
    )

    def __init__(self, *args: Any, organizations: QuerySet[Organization], may_found: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["organization"].queryset = organizations  # type: ignore[attr-defined]
        self.fields["currency"].choices = _currencies()  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = _time_zones()  # type: ignore[attr-defined]
        self.initial = {"currency": "USD", "time_zone": "UTC", **self.initial}
        offer_regions(self, _("As its organization says"))
        if not organizations:
            del self.fields["organization"]
            self.fields["organization_name"].required = True
        elif not may_found:
            del self.fields["organization_name"]
        else:
            self.fields["organization"].empty_label = _("A new organization")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for exactly one organization: one that exists, or the name of a new one."""
        cleaned: dict[str, Any] = super().clean() or {}
        chosen, named = cleaned.get("organization"), cleaned.get("organization_name", "")
        if not chosen and not named and "organization" in self.fields and not self.errors:
            field = "organization_name" if "organization_name" in self.fields else "organization"
            self.add_error(field, _("Choose an organization, or name a new one."))
        return cleaned


class PublicKeyForm(forms.Form):
    """A public key that clients of a stream sign with."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Where its private half is: a server, a job."))
    pem = forms.CharField(
        label=_("Public key"),
        max_length=4096,
        help_text=_("In PEM, beginning with -----BEGIN PUBLIC KEY-----"),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )


class StreamForm(forms.Form):
    """A new way in for events."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Stream.Kind.choices)
    name = forms.CharField(label=_("Name"), max_length=120)
