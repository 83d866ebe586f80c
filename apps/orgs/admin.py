"""What operators see and do: accounts, the names of organizations, and with a stated reason what is in one."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm

from apps.orgs import services
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
from apps.shared.read_only import ReadOnlyAdmin


@admin.register(User)
class PersonAdmin(UserAdmin, ModelAdmin):
    """Accounts by e-mail address."""

    change_password_form = AdminPasswordChangeForm
    ordering = ["email"]
    show_full_result_count = False
    list_per_page = 50
    list_display = ["email", "first_name", "last_name", "is_staff", "is_active", "last_login"]
    search_fields = ["email", "first_name", "last_name"]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        (_("Person"), {"fields": ["first_name", "last_name"]}),
        (_("Access"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "password1", "password2"]})]


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
class SupportAccessAdmin(ModelAdmin):
    """An hour in an organization for a stated reason, which its members see beside the operator's name."""

    form = SupportForm
    raw_id_fields = ["organization"]
    list_display = ["organization", "user", "reason", "ends_at"]
    list_select_related = ["organization", "user"]

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


@admin.register(Property)
class PropertyAdmin(Within):
    """Properties."""

    list_display = ["name", "organization", "region", "currency", "time_zone", "created_at"]
    list_select_related = ["organization"]
    search_fields = ["name", "slug"]


@admin.register(Stream)
class StreamAdmin(Within):
    """Streams without their keys."""

    list_display = ["name", "property", "kind", "is_active", "last_used_at"]
    list_select_related = ["property"]
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
    list_select_related = ["stream", "made_by"]


@admin.register(PropertySettings)
class PropertySettingsAdmin(Within):
    """Versions of the rules."""

    list_display = ["property", "version", "made_by", "made_at"]
    list_select_related = ["property", "made_by"]
    list_filter = ["property"]


@admin.register(Membership)
class MembershipAdmin(Within):
    """Who may do what."""

    list_display = ["organization", "user", "role", "custom_role", "ends_at"]
    list_select_related = ["organization", "user", "custom_role"]
    search_fields = ["user__email"]


@admin.register(Invitation)
class InvitationAdmin(Within):
    """Open invitations without their secrets."""

    list_display = ["organization", "email", "role", "made_by", "expires_at"]
    list_select_related = ["organization", "made_by", "custom_role"]


@admin.register(CustomRole)
class CustomRoleAdmin(Within):
    """Roles of organizations' own making."""

    list_display = ["organization", "name", "permissions"]
    list_select_related = ["organization"]


@admin.register(ServiceAccount)
class ServiceAccountAdmin(Within):
    """Programs."""

    list_display = ["organization", "name", "role", "is_active"]
    list_select_related = ["organization"]


@admin.register(ApiKey)
class ApiKeyAdmin(Within):
    """Keys by their beginnings."""

    list_display = ["account", "name", "prefix", "last_used_at", "expires_at", "revoked_at"]
    list_select_related = ["account"]
