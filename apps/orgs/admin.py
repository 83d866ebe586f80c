"""What operators see and do: accounts, the names of organizations, and with a stated reason what is in one."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm

from apps.orgs import queries, services
from apps.orgs.models import (
    ApiKey,
    CustomRole,
    Invitation,
    Membership,
    Organization,
    Property,
    PropertySettings,
    PublicKey,
    RetiredKey,
    ServiceAccount,
    Stream,
    SupportAccess,
    User,
)
from apps.shared.read_only import LongListAdmin, ReadOnlyAdmin


@admin.register(User)
class PersonAdmin(UserAdmin, LongListAdmin):  # type: ignore[misc]
    """Accounts by e-mail address, which is searched by its beginning: an index knows it."""

    change_password_form = AdminPasswordChangeForm
    ordering = ["email"]
    list_filter = ["is_staff", "is_active"]
    list_display = ["email", "first_name", "last_name", "is_staff", "is_active", "last_login"]
    search_fields = ["email__startswith"]
    search_help_text = _("The beginning of an e-mail address.")
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        (_("Person"), {"fields": ["first_name", "last_name"]}),
        (_("Access"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "password1", "password2"]})]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Search as addresses are kept, in lower case."""
        return super().get_search_results(request, queryset, search_term.lower())


@admin.register(Organization)
class OrganizationAdmin(ReadOnlyAdmin):
    """Organizations by name. What is in one, an operator sees with support access; an owner deletes it."""

    list_display = ["name", "slug", "created_at", "deletes_at"]
    search_fields = ["name", "slug"]


class SupportForm(forms.ModelForm):
    """Which organization, and why."""

    class Meta:
        model = SupportAccess
        fields = ["organization", "reason"]


@admin.register(SupportAccess)
class SupportAccessAdmin(LongListAdmin):
    """An hour in an organization for a stated reason, which its members see beside the operator's name."""

    form = SupportForm
    raw_id_fields = ["organization"]
    list_display = ["organization", "user", "reason", "ends_at"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return what is open."""
        return super().get_queryset(request).filter(ends_at__isnull=False)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        """Have the form refuse what the service would."""
        made = super().get_form(request, obj, change=change, **options)

        class Checked(made):  # type: ignore[misc, valid-type]
            def clean(self) -> Any:
                given = super().clean()
                if given.get("organization") and "reason" in given:
                    try:
                        self.instance = services.give_support(
                            operator=cast("User", request.user), now=timezone.now(), **given
                        )
                    except ValidationError as error:
                        self.add_error(None, error.messages)
                return given

        return Checked

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Leave it as the service has made it."""

    def has_change_permission(self, request: object, obj: object = None) -> bool:  # noqa: ARG002
        """A reason is not written anew afterwards."""
        return False


class Within(ReadOnlyAdmin):
    """What belongs to an organization: seen by operators who are in it, changed on its own pages."""

    def get_queryset(self, request: HttpRequest) -> Any:
        """Name the organizations, which the policies keep to anyway: so an index finds their rows among all."""
        rows = super().get_queryset(request)
        if "organization" not in {field.name for field in self.opts.fields}:
            return rows
        return rows.filter(organization_id__in=queries.organization_ids_of(cast("User", request.user)))


@admin.register(Property)
class PropertyAdmin(Within):
    """Properties."""

    list_display = ["name", "organization", "region", "currency", "time_zone", "created_at"]
    search_fields = ["name", "slug"]


@admin.register(Stream)
class StreamAdmin(Within):
    """Streams without their keys."""

    list_display = ["name", "property", "kind", "is_active", "last_used_at"]
    exclude = ["write_key"]


@admin.register(RetiredKey)
class RetiredKeyAdmin(Within):
    """When keys that were replaced end, without the keys."""

    list_display = ["stream", "accepted_until", "last_used_at"]
    exclude = ["write_key"]


@admin.register(PublicKey)
class PublicKeyAdmin(Within):
    """Public keys of streams, which are no secrets."""

    list_display = ["stream", "name", "key_id", "algorithm", "made_by", "last_used_at"]


@admin.register(PropertySettings)
class PropertySettingsAdmin(Within):
    """Versions of the rules."""

    list_display = ["property", "version", "made_by", "made_at"]
    list_filter = ["property"]


@admin.register(Membership)
class MembershipAdmin(Within):
    """Who may do what."""

    list_display = ["organization", "user", "role", "custom_role", "ends_at"]
    search_fields = ["user__email__startswith"]


@admin.register(Invitation)
class InvitationAdmin(Within):
    """Open invitations without their secrets."""

    list_display = ["organization", "email", "role", "made_by", "expires_at"]


@admin.register(CustomRole)
class CustomRoleAdmin(Within):
    """Roles of organizations' own making."""

    list_display = ["organization", "name", "permissions"]


@admin.register(ServiceAccount)
class ServiceAccountAdmin(Within):
    """Programs."""

    list_display = ["organization", "name", "role", "is_active"]


@admin.register(ApiKey)
class ApiKeyAdmin(Within):
    """Keys by their beginnings."""

    list_display = ["account", "name", "prefix", "last_used_at", "expires_at", "revoked_at"]
