"""The form of what makes a visit, and where visits come from."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

import attribution as engine
from apps.attribution.forms.people import LinesField
from apps.orgs import api as orgs

ClickIds = list[tuple[str, str, str]]


class ClickIdsField(LinesField):
    """Click ids, one a line: name, source, medium."""

    def prepare_value(self, value: Any) -> Any:
        """Show them as lines."""
        if isinstance(value, list | tuple):
            return "\n".join(one if isinstance(one, str) else " ".join(one) for one in value)
        return value

    def clean(self, value: Any) -> ClickIds:
        """Return them as the settings hold them."""
        lines = super().clean(value)
        parts = [line.replace(",", " ").split() for line in lines]
        for line, words in zip(lines, parts, strict=True):
            if len(words) != 3:
                raise ValidationError(_("“%(line)s” is not a name, a source and a medium."), params={"line": line[:80]})
        try:
            found = engine.checked_click_ids({name: (source, medium) for name, source, medium in parts})
        except engine.BadClickIdError as error:
            raise ValidationError(_("A click id cannot be understood: %(why)s"), params={"why": str(error)}) from None
        return [(name, facts.source, facts.medium) for name, facts in found.items()]


class VisitsForm(forms.Form):
    """What ends a visit and what starts one, who is no source, and which click ids there are."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    visit_gap = orgs.SpanField(
        label=_("Visit gap"), help_text=_("After this long without an event a new visit begins.")
    )
    campaign_opens = forms.BooleanField(
        label=_("A new campaign starts a new visit"),
        required=False,
        help_text=_("Without it, the first source of a visit stays until the gap ends it."),
    )
    own_domains = orgs.DomainsField(
        label=_("Own domains"),
        required=False,
        help_text=_("One a line. A visit that comes from them, or from below them, has no new source."),
    )
    referrer_exclusions = orgs.DomainsField(
        label=_("Referrer exclusions"),
        required=False,
        help_text=_("One a line, beside the built-in list: payment providers and sign-in pages are never a source."),
    )
    covers_past = forms.BooleanField(
        label=_("Exclude them in the past, too"),
        required=False,
        help_text=_(
            "Own domains and exclusions alike: visits that they referred become direct in every report. Without it, "
            "only new visits do. A visit that names a campaign or carries a click id keeps its source."
        ),
    )
    click_ids = ClickIdsField(
        label=_("Own click ids"),
        required=False,
        help_text=_(
            "One a line: name of the parameter, source, medium. They stand before the table. For events from now on: "
            "the source of a stored event was read when it came, and no click id is read from its address again."
        ),
    )

    def __init__(self, *args: Any, info: orgs.PropertyInfo, **options: Any) -> None:
        rules = self.rules = info.rules
        listed = {*rules.own_domains, *rules.referrer_exclusions}
        options["initial"] = {
            "version": rules.version,
            "visit_gap": str(int(rules.visit_gap.total_seconds())),
            "campaign_opens": rules.campaign_opens,
            "own_domains": list(rules.own_domains),
            "referrer_exclusions": list(rules.referrer_exclusions),
            "covers_past": bool(listed) and set(rules.past_exclusions) == listed,
            "click_ids": list(rules.click_ids),
        }
        super().__init__(*args, **options)
        self.fields["visit_gap"].choices = orgs.visit_gaps(rules.visit_gap)  # type: ignore[attr-defined]

    def clean_version(self) -> int:
        """Refuse to overwrite what somebody else saved meanwhile."""
        if self.cleaned_data["version"] != self.rules.version:
            raise ValidationError(_("Somebody else changed the settings meanwhile. Look at them and save again."))
        return self.rules.version

    def hosts(self) -> tuple[str, ...]:
        """Return every host that is no source."""
        return tuple(sorted({*self.cleaned_data["own_domains"], *self.cleaned_data["referrer_exclusions"]}))

    def changes(self) -> dict[str, Any]:
        """Return what differs from what holds now."""
        said, rules = self.cleaned_data, self.rules
        hosts = self.hosts()
        past = hosts if said["covers_past"] else [one for one in rules.past_exclusions if one in hosts]
        wanted = {
            "visit_gap": said["visit_gap"],
            "campaign_opens": said["campaign_opens"],
            "own_domains": said["own_domains"],
            "referrer_exclusions": said["referrer_exclusions"],
            "past_exclusions": sorted(past),
            "click_ids": [list(one) for one in said["click_ids"]],
        }
        now = {
            "visit_gap": rules.visit_gap,
            "campaign_opens": rules.campaign_opens,
            "own_domains": list(rules.own_domains),
            "referrer_exclusions": list(rules.referrer_exclusions),
            "past_exclusions": sorted(rules.past_exclusions),
            "click_ids": [list(one) for one in rules.click_ids],
        }
        return {name: value for name, value in wanted.items() if value != now[name]}
