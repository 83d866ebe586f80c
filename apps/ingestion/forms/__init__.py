"""What a person fills in."""

from apps.ingestion.forms.collecting import ConsentForm, limits_formset
from apps.ingestion.forms.linking import AppSiteForm, BuilderForm, LinkForm, NamingForm

__all__ = ["AppSiteForm", "BuilderForm", "ConsentForm", "LinkForm", "NamingForm", "limits_formset"]
