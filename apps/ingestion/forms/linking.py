"""What a person fills in about links: one link, the names of campaigns, the apps that open links."""

import re
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from apps.ingestion.domain import naming
from apps.ingestion.domain.naming import Fault, NamingRules
from apps.ingestion.models import AppSite, Link, Naming, validate_destination

FAULTS = {
    Fault.CASE: _("Names are written in small letters here."),
    Fault.BLANK: _("Names have no blanks here."),
    Fault.UNKNOWN: _("This name is not on the list."),
    Fault.PATTERN: _("This name does not follow the pattern of campaigns."),
}
_APP_ID = re.compile(r"[A-Z0-9]{10}\.[A-Za-z0-9.-]{1,155}\Z")
_PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+\Z")
_FINGERPRINT = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){31}\Z")


class LinesField(forms.CharField):
    """Several values, one a line."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "off"})

    def prepare_value(self, value: Any) -> Any:
        """Show a list as lines."""
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        """Return the values without doubles."""
        lines = super().clean(value).replace(",", "\n").splitlines()
        return list(dict.fromkeys(line.strip() for line in lines if line.strip()))


class NamedForm(forms.Form):
    """A form whose names of campaigns must follow the property's rules."""

    naming_rules = NamingRules()

    def clean(self) -> dict[str, Any]:
        """Say at each field what is wrong with its name, and what would do."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for found in naming.findings({name: cleaned.get(name, "") for name in naming.NAMED}, self.naming_rules):
            words = str(FAULTS[found.fault])
            if found.better and found.better != found.value:
                words += " " + str(_("Write “%(name)s”.")) % {"name": found.better}
            self.add_error(found.field, words)
        return cleaned


class LinkForm(NamedForm, forms.ModelForm):
    """A new link. An empty address gets one of its own."""

    slug = forms.SlugField(
        label=_("Address"),
        max_length=60,
        required=False,
        help_text=_("Empty: we make a short one. It cannot be changed."),
    )

    class Meta:
        model = Link
        fields = [
            "name",
            "destination",
            "source",
            "medium",
            "campaign",
            "term",
            "content",
            "ios_destination",
            "android_destination",
            "deep_link",
            "slug",
        ]
        help_texts = {
            "destination": _("The whole address, with https://"),
            "source": _("Where the link will stand, such as newsletter or instagram"),
            "medium": _("Such as email, cpc, social or affiliate: it decides the channel"),
            "ios_destination": _("Empty: the same as for everybody. Such as the app's page in the App Store."),
            "android_destination": _("Empty: the same as for everybody. Google Play hands the click on to the app."),
            "deep_link": _("What the app opens at its first start, such as shop://product/7"),
        }


class LinkChangeForm(LinkForm):
    """What a link says from now on; saved only on top of the version that was shown. Its address stays."""

    slug = None  # type: ignore[assignment]  # Django's way to leave out a field of the parent
    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta(LinkForm.Meta):
        fields = [name for name in LinkForm.Meta.fields if name != "slug"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["version"].initial = self.instance.version

    def changes(self) -> dict[str, Any]:
        """Return what the link shall say."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class BuilderForm(NamedForm):
    """An address with campaign parameters, for places where a link of ours cannot stand."""

    address = forms.CharField(label=_("Address"), max_length=2_000, validators=[validate_destination])
    source = forms.CharField(label=_("Source"), max_length=120)
    medium = forms.CharField(label=_("Medium"), max_length=120, required=False)
    campaign = forms.CharField(label=_("Campaign"), max_length=120, required=False)
    term = forms.CharField(label=_("Term"), max_length=120, required=False)
    content = forms.CharField(label=_("Content"), max_length=120, required=False)

    def __init__(self, *args: Any, rules: NamingRules, **options: Any) -> None:
        super().__init__(*args, **options)
        self.naming_rules = rules

    def built(self) -> str:
        """Return the address with its parameters; those of the same name that it had give way, for readers see one."""
        parts = urlsplit(self.cleaned_data["address"])
        said = {f"utm_{name}": value for name in naming.NAMED if (value := self.cleaned_data[name])}
        kept = [one for one in parts.query.split("&") if one and one.partition("=")[0].lower() not in said]
        return urlunsplit(parts._replace(query="&".join([*kept, urlencode(said)])))


class NamingForm(forms.ModelForm):
    """How campaigns are named."""

    joint = forms.ChoiceField(
        label=_("Between words"),
        required=False,
        choices=[("", _("anything, also blanks")), ("-", "-"), ("_", "_"), (".", ".")],
    )
    sources = LinesField(label=_("Allowed sources"), required=False, help_text=_("One a line; empty allows all."))
    mediums = LinesField(label=_("Allowed mediums"), required=False, help_text=_("One a line; empty allows all."))

    class Meta:
        model = Naming
        fields = ["is_lower", "joint", "sources", "mediums", "campaign_pattern"]
        help_texts = {
            "campaign_pattern": _(
                "Such as {country}-{season}-*: letters and digits for a word in braces, anything for *."
            )
        }

    def clean_campaign_pattern(self) -> str:
        """Refuse a pattern that cannot be read."""
        pattern: str = self.cleaned_data["campaign_pattern"]
        try:
            naming.check_pattern(pattern)
        except naming.OddPattern:
            raise ValidationError(_("Braces hold one word of small letters, such as {country}.")) from None
        except ValueError:
            raise ValidationError(_("The pattern is too long.")) from None
        return pattern

    def clean(self) -> dict[str, Any]:
        """Write allowed names as the rules ask for: else the list would hold what the rules refuse."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        rules = NamingRules(bool(cleaned.get("is_lower")), cleaned.get("joint") or "")
        for field in ("sources", "mediums"):
            cleaned[field] = list(dict.fromkeys(naming.better(name, rules) for name in cleaned.get(field) or []))
        return cleaned


class AppSiteForm(forms.ModelForm):
    """The domain whose links apps may open, and the apps."""

    ios_apps = LinesField(
        label=_("iOS apps"),
        required=False,
        help_text=_("Team and bundle, such as ABCDE12345.my.shop; one a line."),
    )
    android_fingerprints = LinesField(
        label=_("Fingerprints of the Android certificate"),
        required=False,
        help_text=_("SHA-256, as keytool and Google Play show it; one a line."),
    )

    class Meta:
        model = AppSite
        fields = ["domain", "ios_apps", "android_package", "android_fingerprints"]
        help_texts = {"domain": _("Point it at the same machine as the links; it must answer over https.")}

    def clean_domain(self) -> str:
        """Refuse what is no host name."""
        domain: str = self.cleaned_data["domain"].strip().lower().removeprefix("https://").strip("/").rstrip(".")
        URLValidator(schemes=["https"], message=_("This is not a domain."))(f"https://{domain}/")
        if any(sign in domain for sign in ":/?#@"):
            raise ValidationError(_("This is not a domain."))
        return domain.encode("idna").decode()  # as browsers and phones name it

    def clean_ios_apps(self) -> list[str]:
        """Refuse what is no app of iOS."""
        return _all(self.cleaned_data["ios_apps"], _APP_ID)

    def clean_android_package(self) -> str:
        """Refuse what is no package."""
        name: str = self.cleaned_data["android_package"]
        _all([name] if name else [], _PACKAGE)
        return name

    def clean_android_fingerprints(self) -> list[str]:
        """Refuse what is no fingerprint."""
        return _all([value.upper() for value in self.cleaned_data["android_fingerprints"]], _FINGERPRINT)


def _all(values: list[str], pattern: "re.Pattern[str]") -> list[str]:
    for value in values:
        if not pattern.match(value):
            raise ValidationError(_("“%(value)s” does not look right."), params={"value": value[:100]})
    return values
