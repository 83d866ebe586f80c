"""What a person fills in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.ingestion.models import Link


class LinkForm(forms.ModelForm):
    """A new link. An empty address gets one of its own."""

    slug = forms.SlugField(
        label=_("Address"),
        max_length=60,
        required=False,
        help_text=_("Empty: we make a short one. It cannot be changed."),
    )

    class Meta:
        model = Link
        fields = ["name", "destination", "source", "medium", "campaign", "term", "content", "slug"]
        help_texts = {
            "destination": _("The whole address, with https://"),
            "source": _("Where the link will stand, such as newsletter or instagram"),
            "medium": _("Such as email, cpc, social or affiliate: it decides the channel"),
        }
