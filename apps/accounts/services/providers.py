"""Setting an identity provider up, and forgetting whom the one before knew."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from apps.accounts.adapters import saml_metadata
from apps.accounts.domain import certificates
from apps.accounts.models import IdentityProvider, SignInRules
from apps.orgs.api import Organization, owners_of
from apps.shared import guarded_http, mail

# Another one of these is another provider: its "user 1" is not the "user 1" of the one before.
_IDENTITY = frozenset({"kind", "issuer", "entity_id", "metadata_url", "metadata_file"})
_WARNED_EVERY = timedelta(days=7)
log = structlog.get_logger(__name__)


@transaction.atomic
def save_provider(provider: IdentityProvider, *, changed: Iterable[str], now: datetime) -> None:
    """Store *provider*; when it became another one, people are found anew by their addresses."""
    if provider.kind == IdentityProvider.Kind.SAML and not provider.signing_key:
        provider.signing_key, provider.signing_certificate = certificates.new_pair("tributary", now=now)
    provider.warned_at = None
    provider.save()
    if _IDENTITY & set(changed):
        SocialAccount.objects.filter(provider=provider.key).delete()
    if not provider.is_enabled:
        _open_doors(provider.organization)


@transaction.atomic
def remove_provider(*, organization: Organization) -> None:
    """Do without single sign-on."""
    for provider in IdentityProvider.objects.filter(organization=organization):
        SocialAccount.objects.filter(provider=provider.key).delete()
        provider.delete()
    _open_doors(organization)


def refresh(provider: IdentityProvider, *, now: datetime) -> None:
    """Read the provider's metadata again: its certificates and addresses of today. Raises NoMetadata.

    Certificates are exactly those that it publishes: while it changes them both, and an old one no longer than there.
    """
    found = saml_metadata.fetch(provider.metadata_url)
    if found.entity_id != provider.entity_id:
        raise saml_metadata.NoMetadata("another provider")
    led_to = [url for url in (found.sign_in_url, found.sign_out_url) if url]
    if not all(url.startswith("https://") or guarded_http.is_private_allowed(url) for url in led_to):
        raise saml_metadata.NoMetadata("no https")
    provider.sign_in_url, provider.sign_out_url = found.sign_in_url, found.sign_out_url
    provider.certificates, provider.metadata_read_at = found.certificates, now
    provider.save(update_fields=["sign_in_url", "sign_out_url", "certificates", "metadata_read_at", "changed_at"])


def refresh_all(*, now: datetime) -> None:
    """Read every provider's metadata again, and tell owners of certificates that end soon. Safe to repeat."""
    for provider in IdentityProvider.objects.filter(kind=IdentityProvider.Kind.SAML, is_enabled=True):
        if provider.metadata_url:
            try:
                refresh(provider, now=now)
            except saml_metadata.NoMetadata as error:
                log.warning("metadata_not_read", organization_id=provider.organization_id, reason=str(error))
        warn(provider, now=now)


def warn(provider: IdentityProvider, *, now: datetime) -> None:
    """Tell the owners, once a week, that no certificate of the provider holds for another 30 days."""
    ends_at = certificates.ends_soon(provider.certificates, now=now)
    if ends_at is None or (provider.warned_at and provider.warned_at > now - _WARNED_EVERY):
        return
    provider.warned_at = now
    provider.save(update_fields=["warned_at"])
    context = {"organization": provider.organization.name, "provider": provider.name, "date": ends_at}
    for owner in owners_of(provider.organization_id):
        mail.send("certificate_ends", to=owner.email, context=context)


def _open_doors(organization: Organization) -> None:
    """Take back the rule that nobody could fulfil any more."""
    SignInRules.objects.filter(organization=organization).update(needs_single_sign_on=False)
