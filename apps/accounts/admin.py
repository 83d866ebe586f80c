"""What operators see of signing in: everything but secrets, which are never shown."""

from allauth.account.admin import EmailAddressAdmin
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import (
    Domain,
    IdentityProvider,
    ProvisionedGroup,
    ProvisionedPerson,
    ProvisioningToken,
    SignInRules,
)
from apps.shared.models import Mail
from apps.shared.read_only import LongListAdmin

# Providers are those of organizations, and tokens are not kept: a second way to make them would have clear secrets.
admin.site.unregister([SocialApp, SocialToken, Authenticator])
# Theirs count and search whole tables.
admin.site.unregister([EmailAddress, SocialAccount, UserSession])


class Readable(LongListAdmin):
    """A model that operators look at; owners change it on the pages of their organization."""

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002
        """Nothing is made here."""
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:  # noqa: ARG002
        """Nothing is changed here."""
        return False


@admin.register(EmailAddress)
class AddressAdmin(EmailAddressAdmin, LongListAdmin):
    """Addresses, and whether they are confirmed, which operators may do for somebody."""

    search_help_text = _("The beginning of an e-mail address.")

    def get_search_fields(self, request: HttpRequest) -> list[str]:  # noqa: ARG002
        """Search by what an index knows."""
        return ["email__startswith"]


@admin.register(SocialAccount)
class SocialAccountAdmin(Readable):
    """Who is who at which identity provider; deleting one has the person joined anew at the next sign-in."""

    list_display = ["user", "provider", "uid", "last_login"]
    search_fields = ["uid__exact", "user__email__startswith"]


@admin.register(UserSession)
class UserSessionAdmin(Readable):
    """Where people are signed in, without what opens their sessions; deleting one signs them out there."""

    list_display = ["user", "created_at", "last_seen_at", "ip", "user_agent"]
    search_fields = ["user__email__startswith", "ip__exact"]
    exclude = ["session_key", "data"]

    def delete_model(self, request: HttpRequest, obj: UserSession) -> None:  # noqa: ARG002
        """Sign the person out there."""
        obj.end()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[UserSession]) -> None:  # noqa: ARG002
        """Sign the people out there."""
        for session in queryset:
            session.end()


@admin.register(Authenticator)
class AuthenticatorAdmin(Readable):
    """Second factors, without what they follow from; deleting one lets in who has lost the device and the codes."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    search_fields = ["user__email__startswith"]
    exclude = ["data"]


@admin.register(IdentityProvider)
class IdentityProviderAdmin(Readable):
    """Identity providers, without their secrets."""

    list_display = ["name", "organization", "kind", "is_enabled", "changed_at"]
    exclude = ["client_secret", "certificates", "signing_key"]


@admin.register(Domain)
class DomainAdmin(Readable):
    """Claimed and verified domains."""

    list_display = ["name", "organization", "verified_at", "verified_by"]
    search_fields = ["name"]
    exclude = ["proof"]


@admin.register(SignInRules)
class SignInRulesAdmin(Readable):
    """What organizations ask of everybody."""

    list_display = ["organization", "needs_second_factor", "needs_single_sign_on", "break_glass"]


@admin.register(ProvisioningToken)
class ProvisioningTokenAdmin(Readable):
    """Tokens of directories, by their beginnings."""

    list_display = ["prefix", "organization", "made_by", "made_at", "last_used_at"]
    exclude = ["digest"]


@admin.register(ProvisionedPerson)
class ProvisionedPersonAdmin(Readable):
    """People of directories."""

    list_display = ["user_name", "organization", "is_active", "changed_at"]
    search_fields = ["user_name"]


@admin.register(ProvisionedGroup)
class ProvisionedGroupAdmin(Readable):
    """Groups of directories."""

    list_display = ["name", "organization", "changed_at"]
    search_fields = ["name"]


@admin.register(Mail)
class MailAdmin(Readable):
    """Mail that was sent or waits, without its text."""

    list_display = ["subject", "to", "made_at", "sent_at", "attempts", "failure"]
    search_fields = ["to", "subject"]
    exclude = ["text", "html"]
