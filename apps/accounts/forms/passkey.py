"""The form that adds a passkey: by default one that signs in by itself."""

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _


class PasskeyForm(AddWebAuthnForm):
    """allauth's form in our words."""

    name = forms.CharField(label=_("Name"), required=False, help_text=_("So that you know the device again."))
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone, without a password"),
        required=False,
        help_text=_("The device then checks that it is you. Untick this for a security key without a PIN."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("passwordless", True)
        super().__init__(*args, **options)
