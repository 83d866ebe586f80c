"""What a person fills in."""

from apps.ingestion.forms.channels import ChannelRules
from apps.ingestion.forms.collecting import ConsentForm, limits_formset
from apps.ingestion.forms.linking import AppSiteForm, BuilderForm, LinkForm, NamingForm

__all__ = ["AppSiteForm", "BuilderForm", "ChannelRules", "ConsentForm", "LinkForm", "NamingForm", "limits_formset"]
