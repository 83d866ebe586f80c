"""Where single sign-on begins."""

from django import forms
from django.utils.translation import gettext_lazy as _


class WorkAddressForm(forms.Form):
    """A work address: its domain says whose identity provider to ask."""

    email = forms.EmailField(
        label=_("Work address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def refuse(self, *, is_known: bool) -> None:
        """Say beside the field why there is no way."""
        no_answer = _("The identity provider of this organization does not answer. Try again, or ask an owner.")
        no_provider = _("No organization here has single sign-on for this domain. Sign in another way.")
        self.add_error("email", no_answer if is_known else no_provider)
