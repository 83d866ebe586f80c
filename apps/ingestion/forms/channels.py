"""What a person fills in about channels: rules in the order in which they are tried."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from apps.ingestion.domain.channel_rules import FIELDS, ChannelRule

MOST_RULES, SPARE = 50, 3
_FEW_STARS = RegexValidator(r"^[^*]*(\*[^*]*){0,4}$", _("At most four stars."))
_OF_A_PATTERN: dict[str, Any] = {"required": False, "max_length": 200, "validators": [_FEW_STARS]}


class ChannelRuleForm(forms.Form):
    """One rule; an empty row is none."""

    channel = forms.CharField(
        label=_("Channel"), required=False, max_length=60, widget=forms.TextInput(attrs={"list": "channels"})
    )
    source = forms.CharField(label=_("Source"), **_OF_A_PATTERN)
    medium = forms.CharField(label=_("Medium"), **_OF_A_PATTERN)
    campaign = forms.CharField(label=_("Campaign"), **_OF_A_PATTERN)
    referrer_host = forms.CharField(label=_("Referrer"), **_OF_A_PATTERN)

    def clean(self) -> dict[str, Any]:
        """Ask for a channel where there is a pattern, and for a pattern where there is a channel."""
        cleaned: dict[str, Any] = super().clean() or {}
        has_pattern = any(cleaned.get(field) for field in FIELDS)
        if has_pattern and not cleaned.get("channel"):
            self.add_error("channel", _("Name the channel."))
        if cleaned.get("channel") and not has_pattern and not self.errors:
            self.add_error("channel", _("Say which source, medium, campaign or referrer it is."))
        return cleaned


class BaseRules(forms.BaseFormSet):
    """The rules, and the version they were shown with."""

    def __init__(self, *args: Any, version: int, rules: Sequence[ChannelRule] = (), **options: Any) -> None:
        self.version_in_force = version
        options |= {"initial": [rule._asdict() for rule in rules], "prefix": "rules"}
        super().__init__(*args, **options)

    def clean(self) -> None:
        """Refuse to overwrite what somebody else saved meanwhile."""
        if self.data.get("version") != str(self.version_in_force):
            raise ValidationError(_("Somebody else changed the settings meanwhile. Look at them and save again."))

    def rules(self) -> list[ChannelRule]:
        """Return the rules that were filled in."""
        return [ChannelRule(**form.cleaned_data) for form in self.forms if form.cleaned_data.get("channel")]


ChannelRules: Any = forms.formset_factory(
    ChannelRuleForm, formset=BaseRules, extra=SPARE, max_num=MOST_RULES, absolute_max=MOST_RULES, validate_max=True
)
