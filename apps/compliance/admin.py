"""What operators see of the record: everything of the organizations they are in, and nothing to change."""

from django.contrib import admin

from apps.compliance.models import AuditChain, AuditEntry
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
