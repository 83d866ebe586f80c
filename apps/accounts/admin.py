"""What operators see of signing in: everything but secrets, which are never shown."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp, SocialToken
from django.contrib import admin
from unfold.admin import ModelAdmin

from apps.accounts.models import (
    Domain,
    IdentityProvider,
    ProvisionedGroup,
    ProvisionedPerson,
    ProvisioningToken,
    SignInRules,
)
from apps.shared.models import Mail

# Providers are those of organizations, and tokens are not kept: a second way to make them would have clear secrets.
admin.site.unregister([SocialApp, SocialToken, Authenticator])


class Readable(ModelAdmin):
    """A model that operators look at; owners change it on the pages of their organization."""

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002
        """Nothing is made here."""
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:  # noqa: ARG002
        """Nothing is changed here."""
        return False


@admin.register(Authenticator)
class AuthenticatorAdmin(Readable):
    """Second factors, without what they follow from; deleting one lets in who has lost the device and the codes."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    exclude = ["data"]


@admin.register(IdentityProvider)
class IdentityProviderAdmin(Readable):
    """Identity providers, without their secrets."""

    list_display = ["name", "organization", "kind", "is_enabled", "changed_at"]
    list_select_related = ["organization"]
    exclude = ["client_secret", "certificates", "signing_key"]


@admin.register(Domain)
class DomainAdmin(Readable):
    """Claimed and verified domains."""

    list_display = ["name", "organization", "verified_at", "verified_by"]
    list_select_related = ["organization"]
    search_fields = ["name"]
    exclude = ["proof"]


@admin.register(SignInRules)
class SignInRulesAdmin(Readable):
    """What organizations ask of everybody."""

    list_display = ["organization", "needs_second_factor", "needs_single_sign_on", "break_glass"]
    list_select_related = ["organization", "break_glass"]


@admin.register(ProvisioningToken)
class ProvisioningTokenAdmin(Readable):
    """Tokens of directories, by their beginnings."""

    list_display = ["prefix", "organization", "made_by", "made_at", "last_used_at"]
    list_select_related = ["organization", "made_by"]
    exclude = ["digest"]


@admin.register(ProvisionedPerson)
class ProvisionedPersonAdmin(Readable):
    """People of directories."""

    list_display = ["user_name", "organization", "is_active", "changed_at"]
    list_select_related = ["organization"]
    search_fields = ["user_name"]


@admin.register(ProvisionedGroup)
class ProvisionedGroupAdmin(Readable):
    """Groups of directories."""

    list_display = ["name", "organization", "changed_at"]
    list_select_related = ["organization"]
    search_fields = ["name"]


@admin.register(Mail)
class MailAdmin(Readable):
    """Mail that was sent or waits, without its text."""

    list_display = ["subject", "to", "made_at", "sent_at", "attempts", "failure"]
    search_fields = ["to", "subject"]
    exclude = ["text", "html"]
