"""Setting an identity provider up, and forgetting whom the one before knew."""

from collections.abc import Iterable

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from apps.accounts.models import IdentityProvider, SignInRules
from apps.orgs.api import Organization

# Another one of these is another provider: its "user 1" is not the "user 1" of the one before.
_IDENTITY = frozenset({"kind", "issuer", "entity_id", "metadata_url", "metadata_file"})


@transaction.atomic
def save_provider(provider: IdentityProvider, *, changed: Iterable[str]) -> None:
    """Store *provider*; when it became another one, people are found anew by their addresses."""
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


def _open_doors(organization: Organization) -> None:
    """Take back the rule that nobody could fulfil any more."""
    SignInRules.objects.filter(organization=organization).update(needs_single_sign_on=False)
