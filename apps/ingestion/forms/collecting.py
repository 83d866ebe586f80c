"""What a person fills in about collecting: consent, and limits of streams."""

from collections.abc import Mapping, Sequence
from typing import Any

from babel import Locale
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from apps.compliance.api import EUROPE, ConsentRules
from apps.ingestion.domain.limits import Limit

NOBODY, IN_EUROPE, IN_SOME, EVERYBODY = "nobody", "europe", "some", "everybody"
_MOST_EVENTS = 10_000_000


class ConsentForm(forms.Form):
    """What is asked of people before they are measured; saved only on top of the version that was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    asks = forms.ChoiceField(
        label=_("Measure only who agreed"),
        choices=[
            (NOBODY, _("nowhere: everybody who does not refuse")),
            (IN_EUROPE, _("in the European Economic Area, the United Kingdom and Switzerland")),
            (IN_SOME, _("in the countries below")),
            (EVERYBODY, _("everywhere")),
        ],
        help_text=_(
            "A refusal counts everywhere. Where an agreement is needed and the country is unknown, it is needed too."
        ),
    )
    countries = forms.CharField(
        label=_("Countries"),
        required=False,
        max_length=1_000,
        help_text=_("Two letters each, such as DE FR BR, if you chose countries above."),
    )
    hears_signal = forms.BooleanField(
        label=_("Take Global Privacy Control for a refusal"),
        required=False,
        help_text=_(
            "A browser sends it for a person who wants to be left alone. An agreement in the call goes before it."
        ),
    )

    tcf_months = forms.IntegerField(
        label=_("A consent string agrees for so many months"),
        min_value=0,
        max_value=24,
        help_text=_(
            "Of TCF, from the day of the choice on. Authorities want people asked again after 6 to 24 months. "
            "0: for ever. A refusal in it stays one."
        ),
    )

    def __init__(self, *args: Any, rules: ConsentRules, **options: Any) -> None:
        self.version_in_force = rules.version
        asks = EVERYBODY if rules.asks_everywhere else IN_EUROPE if rules.asks_in == EUROPE else IN_SOME
        options["initial"] = {
            "version": rules.version,
            "asks": asks if rules.asks_everywhere or rules.asks_in else NOBODY,
            "countries": " ".join(sorted(rules.asks_in)) if asks == IN_SOME else "",
            "hears_signal": rules.hears_signal,
            "tcf_months": rules.tcf_months,
        }
        super().__init__(*args, **options)

    def clean_version(self) -> int:
        """Refuse to overwrite what somebody else saved meanwhile."""
        if self.cleaned_data["version"] != self.version_in_force:
            raise ValidationError(_("Somebody else changed the settings meanwhile. Look at them and save again."))
        return self.version_in_force

    def clean_countries(self) -> list[str]:
        """Return the codes; refuse what names no country."""
        codes = self.cleaned_data["countries"].upper().replace(",", " ").split()
        known = Locale("en").territories
        for code in codes:
            if len(code) != 2 or code not in known:
                raise ValidationError(_("“%(code)s” is no country of two letters."), params={"code": code[:20]})
        return sorted(set(codes))

    def clean(self) -> dict[str, Any]:
        """Ask for countries where they were chosen."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("asks") == IN_SOME and not cleaned.get("countries") and "countries" not in self.errors:
            self.add_error("countries", _("Name at least one country."))
        return cleaned

    def rules(self) -> dict[str, Any]:
        """Return the fields of a new version."""
        asks = self.cleaned_data["asks"]
        countries = sorted(EUROPE) if asks == IN_EUROPE else self.cleaned_data["countries"] if asks == IN_SOME else []
        return {
            "asks_everywhere": asks == EVERYBODY,
            "asks_in": countries,
            "hears_signal": self.cleaned_data["hears_signal"],
            "tcf_months": self.cleaned_data["tcf_months"],
        }


class LimitForm(forms.Form):
    """How much one stream may send; nothing for as much as the machines can take."""

    name = ""  # of the stream
    _limits = (MinValueValidator(1), MaxValueValidator(_MOST_EVENTS))
    stream_id = forms.IntegerField(widget=forms.HiddenInput)
    per_second = forms.IntegerField(
        label=_("Events per second"), required=False, validators=_limits, help_text=_("On average. Empty: no limit.")
    )
    burst = forms.IntegerField(
        label=_("Events at once"), required=False, validators=_limits, help_text=_("Empty: those of one second.")
    )


def limits_formset(data: Any, streams: Sequence[Any], limits: Mapping[int, Limit]) -> Any:
    """Return one form for each of *streams*, each with its `name`."""
    initial = [{"stream_id": stream.pk, **_numbers(limits.get(stream.pk))} for stream in streams]
    formset = forms.formset_factory(LimitForm, extra=0, max_num=len(streams), absolute_max=len(streams))
    forms_of = formset(data, initial=initial, prefix="limits")
    for form, stream in zip(forms_of, streams, strict=False):
        form.name = stream.name
    return forms_of


def _numbers(limit: Limit | None) -> dict[str, int]:
    return {} if limit is None else {"per_second": limit.per_second, "burst": limit.burst}
