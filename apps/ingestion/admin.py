"""What operators see of ingestion."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from apps.ingestion.models import Link


@admin.register(Link)
class LinkAdmin(ModelAdmin):
    """Links of every property."""

    list_display = ["name", "slug", "property", "destination", "source", "medium", "campaign", "is_active"]
    list_filter = ["is_active", "medium"]
    list_select_related = ["property"]
    search_fields = ["name", "slug", "destination", "campaign"]
    autocomplete_fields = ["property", "made_by"]
