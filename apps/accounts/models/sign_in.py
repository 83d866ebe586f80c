"""Identity provider, domains and sign-in rules of an organization."""

import secrets
from typing import Any

from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.shared.encryption import EncryptedTextField


def key_of(organization_id: int) -> str:
    """Return what names an organization's identity provider in addresses: known before it is set up, and no name."""
    return salted_hmac("accounts.identity_provider", str(organization_id), algorithm="sha256").hexdigest()[:20]


def new_proof() -> str:
    """Return what a domain must publish."""
    return f"tributary-domain-{secrets.token_urlsafe(24)}"


class IdentityProvider(models.Model):
    """Where the members of one organization prove who they are, and what their roles follow from."""

    class Kind(models.TextChoices):
        """The protocol it speaks."""

        OIDC = "oidc", "OpenID Connect"
        SAML = "saml", "SAML 2.0"

    organization = models.OneToOneField("orgs.Organization", on_delete=models.CASCADE, related_name="identity_provider")
    key = models.CharField(max_length=32, unique=True, editable=False)
    kind = models.CharField(_("protocol"), max_length=8, choices=Kind.choices, default=Kind.OIDC)
    name = models.CharField(_("name"), max_length=80)
    is_enabled = models.BooleanField(_("in use"), default=False)
    issuer = models.URLField(_("issuer"), max_length=500, blank=True)
    client_id = models.CharField(_("client id"), max_length=255, blank=True)
    client_secret = EncryptedTextField(_("client secret"), blank=True)
    entity_id = models.CharField(_("entity id"), max_length=500, blank=True)
    sign_in_url = models.URLField(_("sign-in address"), max_length=500, blank=True)
    certificates = EncryptedTextField(_("certificates"), blank=True)
    metadata_url = models.URLField(_("address of the metadata"), max_length=500, blank=True)
    metadata_read_at = models.DateTimeField(_("metadata read"), null=True, editable=False)
    sign_out_url = models.URLField(_("sign-out address"), max_length=500, blank=True)
    # Ours, which signs what we ask and answer about signing out.
    signing_key = EncryptedTextField(_("signing key"), blank=True, default="", editable=False)
    signing_certificate = models.TextField(_("signing certificate"), blank=True, default="", editable=False)
    warned_at = models.DateTimeField(_("warned of certificates"), null=True, editable=False)
    role_claim = models.CharField(_("claim or attribute with roles"), max_length=200, blank=True)
    role_rules = models.JSONField(_("role rules"), default=dict, blank=True)
    default_role = models.CharField(_("role of newcomers"), max_length=20, default="viewer")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("identity provider")
        verbose_name_plural = _("identity providers")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        """Give a new provider its key."""
        self.key = self.key or key_of(self.organization_id)
        super().save(*args, **options)


class Domain(models.Model):
    """A mail domain that an organization says is its own; once verified, it is nobody else's."""

    class Method(models.TextChoices):
        """How it was shown."""

        DNS = "dns", _("DNS record")
        FILE = "file", _("File on the website")

    organization = models.ForeignKey("orgs.Organization", on_delete=models.CASCADE, related_name="domains")
    name = models.CharField(_("domain"), max_length=253)
    proof = models.CharField(max_length=80, default=new_proof, editable=False)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    verified_by = models.CharField(
        pgettext_lazy("how it was shown", "by"), max_length=8, choices=Method.choices, blank=True
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="accounts_one_domain"),
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(verified_at__isnull=False), name="accounts_one_owner_of_domain"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SignInRules(models.Model):
    """What an organization asks of everybody who enters it."""

    organization = models.OneToOneField("orgs.Organization", on_delete=models.CASCADE, related_name="sign_in_rules")
    needs_second_factor = models.BooleanField(_("everybody needs a second factor"), default=False)
    needs_single_sign_on = models.BooleanField(_("everybody signs in through single sign-on"), default=False)
    # The owner who gets in when the identity provider does not answer; with a second factor, and the others are told.
    break_glass = models.ForeignKey(
        "orgs.User",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("emergency owner"),
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("sign-in rules")
        verbose_name_plural = _("sign-in rules")

    def __str__(self) -> str:
        return str(self.organization)
