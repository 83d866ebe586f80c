"""What operators see of the record: everything of the organizations they are in, and nothing to change."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.compliance.models import AuditChain, AuditDelivery, AuditEndpoint, AuditEntry, AuditRetention, AuditSeal
from apps.compliance.wording import ACTIONS, ACTORS, SUBJECTS
from apps.shared.read_only import ReadOnlyAdmin


class _WordedFilter(admin.SimpleListFilter):
    """A choice among what entries say. Django would read the whole record to find out what there is."""

    words: Mapping[str, str | Promise]

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:  # noqa: ARG002
        """Return what may be chosen."""
        return [(value, str(words)) for value, words in self.words.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        """Return the entries that say so."""
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


class ActionFilter(_WordedFilter):
    """What happened."""

    title, parameter_name, words = _("action"), "action", ACTIONS


class SubjectFilter(_WordedFilter):
    """To what."""

    title, parameter_name, words = pgettext_lazy("what was changed", "subject"), "subject", SUBJECTS


class ActorFilter(_WordedFilter):
    """Who did it."""

    title, parameter_name, words = _("kind of actor"), "actor_kind", ACTORS


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The record."""

    list_display = ["at", "actor_name", "address", "action", "subject", "subject_id"]
    list_filter = [ActionFilter, SubjectFilter, ActorFilter]
    search_fields = ["actor_name__exact", "subject_id__exact", "request_id__exact"]
    search_help_text = _("The whole name of who did it, or a whole id.")


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
    exclude = ["secret", "retired_secret"]


@admin.register(AuditDelivery)
class AuditDeliveryAdmin(ReadOnlyAdmin):
    """What is on its way."""

    list_display = ["endpoint", "entry_id", "state", "attempts", "status", "tried_at"]
    list_filter = ["state"]
