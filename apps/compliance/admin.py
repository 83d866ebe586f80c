"""What operators see of the record: everything of the organizations they are in, and nothing to change."""

from django.contrib import admin

from apps.compliance.models import AuditChain, AuditDelivery, AuditEndpoint, AuditEntry, AuditRetention, AuditSeal
from apps.shared.read_only import ReadOnlyAdmin


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The record."""

    list_display = ["at", "actor_name", "address", "action", "subject", "subject_id"]
    list_filter = ["action", "subject", "actor_kind"]
    search_fields = ["actor_name", "subject_id", "request_id"]


@admin.register(AuditChain)
class AuditChainAdmin(ReadOnlyAdmin):
    """The ends of the chains."""

    list_display = ["chain", "length", "hash"]


@admin.register(AuditRetention)
class AuditRetentionAdmin(ReadOnlyAdmin):
    """How long records are kept."""

    list_display = ["organization_id", "years"]


@admin.register(AuditSeal)
class AuditSealAdmin(ReadOnlyAdmin):
    """What was pruned."""

    list_display = ["organization_id", "first", "last", "until", "years", "made_at"]


@admin.register(AuditEndpoint)
class AuditEndpointAdmin(ReadOnlyAdmin):
    """Receivers of records, without their secrets."""

    list_display = ["url", "organization", "paused_at", "failures", "last_delivered_at"]
    list_select_related = ["organization"]
    exclude = ["secret", "retired_secret"]


@admin.register(AuditDelivery)
class AuditDeliveryAdmin(ReadOnlyAdmin):
    """What is on its way."""

    list_display = ["endpoint", "entry_id", "state", "attempts", "status", "tried_at"]
    list_select_related = ["endpoint"]
    list_filter = ["state"]
    show_full_result_count = False
