"""What a person fills in."""

from apps.ingestion.forms.collecting import ConsentForm, limits_formset
from apps.ingestion.forms.importing import ImportForm, ReadingForm, as_filled_in
from apps.ingestion.forms.linking import AppSiteForm, BuilderForm, LinkChangeForm, LinkForm, NamingForm

__all__ = [
    "AppSiteForm",
    "BuilderForm",
    "ConsentForm",
    "ImportForm",
    "LinkChangeForm",
    "LinkForm",
    "NamingForm",
    "ReadingForm",
    "as_filled_in",
    "limits_formset",
]
