"""What operators see of organizations."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm

from apps.orgs.models import Membership, Organization, Property, PropertySettings, Stream, User


@admin.register(User)
class PersonAdmin(UserAdmin, ModelAdmin):
    """Accounts by e-mail address."""

    change_password_form = AdminPasswordChangeForm
    ordering = ["email"]
    list_display = ["email", "first_name", "last_name", "is_staff", "is_active", "last_login"]
    search_fields = ["email", "first_name", "last_name"]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        (_("Person"), {"fields": ["first_name", "last_name"]}),
        (_("Access"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "password1", "password2"]})]


class MembershipInline(TabularInline):
    """Members, on the organization's page."""

    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Organization)
class OrganizationAdmin(ModelAdmin):
    """Organizations with their members."""

    list_display = ["name", "slug", "created_at"]
    search_fields = ["name", "slug"]
    inlines = [MembershipInline]


class StreamInline(TabularInline):
    """Streams, on the property's page."""

    model = Stream
    extra = 0


@admin.register(Property)
class PropertyAdmin(ModelAdmin):
    """Properties with their streams."""

    list_display = ["name", "organization", "currency", "time_zone", "created_at"]
    list_filter = ["organization"]
    list_select_related = ["organization"]
    search_fields = ["name", "slug", "organization__name"]
    inlines = [StreamInline]


@admin.register(PropertySettings)
class PropertySettingsAdmin(ModelAdmin):
    """Versions of the rules: history, so read-only."""

    list_display = ["property", "version", "made_by", "made_at"]
    list_select_related = ["property", "made_by"]
    list_filter = ["property"]

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002
        """Versions are made by changing settings, never here."""
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:  # noqa: ARG002
        """History does not change."""
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:  # noqa: ARG002
        """History is not deleted here."""
        return False
