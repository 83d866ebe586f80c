"""What operators see of ingestion."""

from django.contrib import admin

from apps.ingestion.models import (
    AppSite,
    ConsentVersion,
    FileImport,
    ImportWork,
    Link,
    LinkVersion,
    Naming,
    StreamLimit,
)
from apps.shared.read_only import LongListAdmin, ReadOnlyAdmin


@admin.register(Link)
class LinkAdmin(LongListAdmin):
    """Links of every property."""

    list_display = ["name", "slug", "property", "destination", "source", "medium", "campaign", "is_active"]
    list_filter = ["is_active", "medium"]
    search_fields = ["name", "slug", "destination", "campaign"]
    autocomplete_fields = ["property", "made_by"]


@admin.register(LinkVersion)
class LinkVersionAdmin(ReadOnlyAdmin):
    """What links said, version by version."""

    list_display = ["link", "version", "destination", "is_active", "made_by", "made_at"]


@admin.register(ConsentVersion)
class ConsentVersionAdmin(ReadOnlyAdmin):
    """What properties ask of people, version by version."""

    list_display = ["property", "version", "asks_everywhere", "made_by", "made_at"]


@admin.register(StreamLimit)
class StreamLimitAdmin(ReadOnlyAdmin):
    """How much streams may send."""

    list_display = ["stream", "per_second", "burst", "made_by", "made_at"]


@admin.register(Naming)
class NamingAdmin(ReadOnlyAdmin):
    """How properties name their campaigns."""

    list_display = ["property", "campaign_pattern", "made_by", "made_at"]


@admin.register(AppSite)
class AppSiteAdmin(ReadOnlyAdmin):
    """The domains that apps open."""

    list_display = ["property", "domain", "android_package", "made_by", "made_at"]


@admin.register(FileImport)
class FileImportAdmin(ReadOnlyAdmin):
    """Files that people imported."""

    list_display = ["name", "property", "status", "size", "made_by", "made_at", "ended_at"]
    list_filter = ["status"]


@admin.register(ImportWork)
class ImportWorkAdmin(ReadOnlyAdmin):
    """How far imports are; the files themselves are nobody's to look at here."""

    list_display = ["run", "property", "problem"]
    exclude = ["content"]
