"""What a person says about a file that is to be imported."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from apps.ingestion import services
from apps.ingestion.adapters.file_mappings import mapping_of_text
from apps.ingestion.domain.mapping import BadMapping
from apps.ingestion.domain.spelling import EXCEL, check_form, text_encoding
from apps.ingestion.models import FileImport

OWN, NONE = "own", ""


class ReadingForm(forms.Form):
    """What the columns of a file are, and how it writes what it writes otherwise than most."""

    mapping = forms.ChoiceField(
        label=_("What it is"),
        required=False,
        initial=OWN,
        choices=[
            ("appsflyer", _("Raw data of AppsFlyer")),
            ("adjust", _("Raw data of Adjust")),
            ("spend", _("Ad spend by day and campaign")),
            ("journeys", _("Touchpoints, with a column for those that converted")),
            (OWN, _("Something else: a mapping of your own")),
            (NONE, _("JSON Lines in Segment's shape")),
        ],
    )
    own_mapping = forms.CharField(
        label=_("Your own mapping"),
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("Pairs such as userId=customer timestamp=at event='Order' type='track', or a mapping in YAML."),
    )
    stream = forms.ChoiceField(label=_("Stream"))
    time_zone = forms.CharField(
        label=_("Time zone"), required=False, max_length=60, help_text=_("Of times without one. Empty: UTC.")
    )
    time_form = forms.CharField(
        label=_("Form of times"),
        required=False,
        max_length=40,
        help_text=_("Such as %d.%m.%Y %H:%M, or excel for days of a spreadsheet. Empty: ISO 8601 or seconds."),
    )
    encoding = forms.CharField(
        label=_("Encoding"),
        required=False,
        max_length=40,
        help_text=_("Such as cp1252 for Excel in western Europe. Empty: as the file says, else UTF-8."),
    )
    has_decimal_comma = forms.BooleanField(label=_("Amounts have a decimal comma, as in 1.234,56"), required=False)

    def __init__(self, *args: Any, streams: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["stream"].choices = streams  # type: ignore[attr-defined]

    def clean_time_zone(self) -> str:
        """Refuse a zone that there is not."""
        name: str = self.cleaned_data["time_zone"].strip()
        if name and name not in available_timezones():
            raise ValidationError(_("There is no such time zone. Write it as in Europe/Berlin."))
        return name

    def clean_time_form(self) -> str:
        """Refuse a form that does not say a day."""
        form: str = self.cleaned_data["time_form"].strip()
        try:
            check_form(form or EXCEL)
        except ValueError:
            raise ValidationError(_("It must say year, month and day.")) from None
        return form

    def clean_encoding(self) -> str:
        """Refuse an encoding that nobody knows."""
        name: str = self.cleaned_data["encoding"].strip()
        try:
            return text_encoding(name) if name else ""
        except LookupError:
            raise ValidationError(_("There is no such encoding.")) from None

    def clean(self) -> dict[str, Any]:
        """Ask for a mapping where one's own was chosen."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("mapping") == OWN and "own_mapping" not in self.errors:
            text = cleaned.get("own_mapping", "").strip()
            try:
                mapping_of_text(text)
            except BadMapping as error:
                self.add_error("own_mapping", str(error))
            if not text:
                self.add_error("own_mapping", _("Say which column is which field."))
        return cleaned

    def said(self) -> services.HowToRead:
        """Return what is said about the file."""
        cleaned = self.cleaned_data
        is_own = cleaned["mapping"] == OWN
        return services.HowToRead(
            "" if is_own else cleaned["mapping"],
            cleaned["own_mapping"] if is_own else "",
            cleaned["encoding"],
            cleaned["time_form"],
            cleaned["time_zone"],
            cleaned["has_decimal_comma"],
        )


class ImportForm(ReadingForm):
    """A file, and how it is read."""

    file = forms.FileField(
        label=_("File"),
        # what was chosen stays chosen while the page shows what is wrong beside it
        widget=forms.FileInput(attrs={"hx-preserve": "true"}),
        help_text=_("CSV, JSON Lines or Parquet, packed by gzip, Zstandard or zip or not at all."),
    )
    field_order = ("file",)

    def clean(self) -> dict[str, Any]:
        """Let a file that is refused be chosen anew: what is preserved gets neither an error nor the focus."""
        if "file" in self.errors:
            del self.fields["file"].widget.attrs["hx-preserve"]
        return super().clean()

    def clean_file(self) -> Any:
        """Refuse what is larger than a page may take."""
        file = self.cleaned_data["file"]
        if file.size > settings.INGESTION_LARGEST_FILE:
            raise ValidationError(
                _("The file is larger than %(most)s: import it with import_events in the shell."),
                params={"most": filesizeformat(settings.INGESTION_LARGEST_FILE)},
            )
        return file


def as_filled_in(run: FileImport) -> dict[str, Any]:
    """Return what a form about *run* would have in its fields."""
    said = services.HowToRead(**run.said)
    return {**said._asdict(), "mapping": OWN if said.own_mapping else said.mapping, "stream": str(run.stream_id)}
