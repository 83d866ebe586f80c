"""The form of an organization's identity provider."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.accounts.adapters import oidc_discovery, saml_metadata
from apps.accounts.domain.roles import NEVER_GIVEN
from apps.accounts.models import IdentityProvider
from apps.orgs.api import Role
from apps.shared import guarded_http

_MOST_RULES = 100


class RoleRulesField(forms.CharField):
    """A value of the directory and a role on each line: "Growth team = analyst"."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocapitalize": "off"})

    def prepare_value(self, value: Any) -> Any:
        """Show the rules as lines."""
        return "\n".join(f"{name} = {role}" for name, role in value.items()) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> dict[str, str]:  # type: ignore[override]
        """Return value -> role. Raises ValidationError that names the line."""
        rules: dict[str, str] = {}
        for line in filter(str.strip, str(value or "").splitlines()):
            name, _sign, role = (part.strip() for part in line.rpartition("="))
            if not name or role.lower() not in assignable():
                allowed = ", ".join(assignable())
                raise ValidationError(
                    _("“%(line)s” is not “value = role”. Roles: %(roles)s."),
                    params={"line": line[:80], "roles": allowed},
                )
            rules[name] = role.lower()
        if len(rules) > _MOST_RULES:
            raise ValidationError(_("At most %(most)s rules."), params={"most": _MOST_RULES})
        return rules

    def validate(self, value: Any) -> None:
        """Skip the check of a text: these are rules by now."""

    def run_validators(self, value: Any) -> None:
        """Skip the validators of a text."""


def assignable() -> list[str]:
    """Return the roles that a directory may give."""
    return [role for role in Role.values if role not in NEVER_GIVEN]


class ProviderForm(forms.ModelForm):
    """Where members sign in: asked at once, so that a wrong address or certificate shows here and not at the door."""

    metadata_url = forms.URLField(
        label=_("Address of the metadata"), required=False, assume_scheme="https",
        help_text=_("We read what is below from it, and again every night. Or fill it in yourself."),
    )  # fmt: skip
    metadata_file = forms.CharField(
        label=_("Or the metadata itself"), required=False, strip=True,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )  # fmt: skip
    client_secret = forms.CharField(
        label=_("Client secret"), required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept encrypted and never shown again. Leave it empty to keep the one that is there."),
    )  # fmt: skip
    certificates = forms.CharField(
        label=_("Certificates"), required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("The signing certificates of the provider, in PEM: during a change both, one below the other."),
    )  # fmt: skip
    role_rules = RoleRulesField(
        label=_("Role rules"), required=False,
        help_text=_("One a line, such as “Growth team = analyst”. The greatest role that fits holds."),
    )  # fmt: skip
    default_role = forms.ChoiceField(label=_("Role of newcomers"), help_text=_("For whom no rule fits."))

    class Meta:
        model = IdentityProvider
        fields = (
            "name", "kind", "issuer", "client_id", "client_secret", "metadata_url", "metadata_file", "entity_id",
            "sign_in_url", "sign_out_url", "certificates", "role_claim", "role_rules", "default_role", "is_enabled",
        )  # fmt: skip
        labels = {
            "name": _("Name"), "kind": _("Protocol"), "issuer": _("Issuer"), "client_id": _("Client id"),
            "entity_id": _("Entity id"), "sign_in_url": _("Sign-in address"), "sign_out_url": _("Sign-out address"),
            "role_claim": _("Claim or attribute with roles"), "is_enabled": _("Let people sign in through it"),
        }  # fmt: skip
        help_texts = {
            "name": _("What people know it as, such as “Northwind login”."),
            "issuer": _("The address before /.well-known/openid-configuration."),
            "sign_out_url": _("Where signing out here signs people out there too. Empty: only here."),
            "role_claim": _("Such as groups. Leave it empty and people here give the roles."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        titles = dict(Role.choices)
        self.fields["default_role"].choices = [(role, titles[role]) for role in assignable()]  # type: ignore[attr-defined]
        for name in ("issuer", "sign_in_url", "sign_out_url"):
            self.fields[name] = forms.URLField(
                label=self.fields[name].label, help_text=self.fields[name].help_text, required=False,
                assume_scheme="https", max_length=500,
            )  # fmt: skip

    def clean_client_secret(self) -> str:
        """Keep the secret that is there when none was typed."""
        return self.cleaned_data["client_secret"] or str(self.instance.client_secret)

    def clean(self) -> dict[str, Any]:
        """Ask the provider whether it is what it is said to be."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            check = self._check_oidc if cleaned["kind"] == IdentityProvider.Kind.OIDC else self._check_saml
            check(cleaned)
        return cleaned

    def _check_oidc(self, cleaned: dict[str, Any]) -> None:
        for name in ("issuer", "client_id", "client_secret"):
            if not cleaned[name]:
                self.add_error(name, _("OpenID Connect needs this."))
        if not self.errors:
            try:
                cleaned["sign_out_url"] = oidc_discovery.check(cleaned["issuer"])
            except oidc_discovery.NoProvider as error:
                self.add_error("issuer", _DISCOVERY[str(error)])

    def _check_saml(self, cleaned: dict[str, Any]) -> None:
        url, document = cleaned["metadata_url"], cleaned["metadata_file"]
        try:
            if url or document:
                found = saml_metadata.parse(document.encode()) if document else saml_metadata.fetch(url)
                cleaned |= {
                    "entity_id": found.entity_id, "sign_in_url": found.sign_in_url,
                    "sign_out_url": found.sign_out_url, "certificates": found.certificates,
                }  # fmt: skip
            elif cleaned["certificates"]:
                cleaned["certificates"] = saml_metadata.checked_certificates(cleaned["certificates"])
        except saml_metadata.NoMetadata as error:
            field = "metadata_file" if document else "metadata_url" if url else "certificates"
            self.add_error(field, _METADATA.get(str(error), _METADATA[""]))
            return
        for name in ("entity_id", "sign_in_url", "certificates"):
            if not cleaned[name]:
                self.add_error(name, _("SAML needs this, or the metadata above."))
        for name in ("sign_in_url", "sign_out_url"):
            if cleaned[name] and not _may_be_asked(cleaned[name]):
                self.add_error(name, _("Only addresses that begin with https:// are allowed."))


def _may_be_asked(url: str) -> bool:
    return urlsplit(url).scheme == "https" or guarded_http.is_private_allowed(url)


_DISCOVERY = {
    "unreachable": _("No OpenID configuration was found there at a public https address. Look for a typing mistake."),
    "issuer": _("The configuration there names another issuer. Copy the issuer from it, letter by letter."),
    "incomplete": _("The configuration there lacks the addresses that a sign-in needs."),
}
_METADATA = {
    "unreachable": _("Nothing was found there at a public https address. Look for a typing mistake."),
    "a DTD": _("The metadata contains a document type, which we do not read."),
    "no certificate": _("This is no certificate in PEM."),
    "": _("This is not the metadata of a SAML identity provider."),
}
