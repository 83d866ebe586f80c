"""The form of rules about ids."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

import attribution as engine


class LinesField(forms.CharField):
    """Texts, one a line, without doubles."""

    widget = forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocapitalize": "off"})

    def prepare_value(self, value: Any) -> Any:
        """Show a list as lines."""
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        """Return the lines without space around them."""
        lines = [line.strip() for line in str(value or "").splitlines()]
        return list(dict.fromkeys(line for line in lines if line))

    def run_validators(self, value: Any) -> None:
        """Skip the validators of a text: this is a list by now."""


class IdentityRulesForm(forms.Form):
    """Which ids are nobody's, and how many users a device may have."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    ignored_ids = LinesField(
        label=_("Ids that are nobody’s"),
        required=False,
        help_text=_("One a line, exactly as they are sent, beside the built-in list. They never join anybody."),
    )
    most_users = forms.IntegerField(
        label=_("Users of one device"),
        min_value=engine.FEWEST_USERS,
        max_value=engine.MOST_USERS,
        help_text=_("A device that came with more persons than these belongs to nobody: a kiosk, a test phone."),
    )
    note = forms.CharField(label=_("Why"), max_length=200, required=False)

    def __init__(self, *args: Any, rules: engine.IdentityRules, seen: int, **options: Any) -> None:
        options["initial"] = {
            "version": seen,
            "ignored_ids": sorted(rules.ignored_ids),
            "most_users": rules.most_users,
        }
        super().__init__(*args, **options)
        self._now = rules

    def clean(self) -> dict[str, Any]:
        """Refuse what the engine would not take."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                self.rules = engine.IdentityRules(
                    frozenset(cleaned["ignored_ids"]), cleaned["most_users"], self._now.apart
                )
            except engine.BadIdentityRulesError:
                message = _("At most %(most)s ids of at most %(longest)s characters.")
                values = {"most": engine.MOST_IGNORED_IDS, "longest": engine.LONGEST_ID}
                self.add_error("ignored_ids", ValidationError(message, params=values))
        return cleaned
