"""What operators see of data quality: members change it on their pages, which keep the versions."""

from django.contrib import admin

from apps.quality.models import (
    Breach,
    BreachReader,
    Drift,
    EventSchema,
    Expectation,
    ExpectationVersion,
    FixRule,
    Observation,
    Release,
)
from apps.shared.read_only import ReadOnlyAdmin


@admin.register(Expectation)
class ExpectationAdmin(ReadOnlyAdmin):
    """Expectations as they are."""

    list_display = ["name", "property", "event", "kind", "field", "severity", "is_on", "is_archived", "version"]
    list_filter = ["kind", "severity", "is_archived"]
    search_fields = ["name", "event", "field"]


@admin.register(ExpectationVersion)
class ExpectationVersionAdmin(ReadOnlyAdmin):
    """What expectations were."""

    list_display = ["expectation", "version", "name", "made_by", "made_at"]


@admin.register(Observation)
class ObservationAdmin(ReadOnlyAdmin):
    """What was seen of streams."""

    list_display = ["expectation", "made_at", "is_met", "measured", "lowest", "highest"]
    list_filter = ["is_met"]


@admin.register(Breach)
class BreachAdmin(ReadOnlyAdmin):
    """When streams did not keep to what is expected."""

    list_display = ["expectation", "property", "begun_at", "ended_at", "end", "seen_by"]
    list_select_related = ["expectation", "property", "seen_by"]
    list_filter = ["end"]


@admin.register(BreachReader)
class BreachReaderAdmin(ReadOnlyAdmin):
    """Who is mailed about breaches."""

    list_display = ["user", "property", "language", "asked_at"]
    list_select_related = ["user", "property"]


@admin.register(EventSchema)
class EventSchemaAdmin(ReadOnlyAdmin):
    """Schemas, version by version."""

    list_display = ["property", "kind", "name", "version", "events", "made_by", "made_at"]


@admin.register(Drift)
class DriftAdmin(ReadOnlyAdmin):
    """How events differ from their schemas."""

    list_display = ["property", "schema", "kind", "field", "share", "first_seen_at", "closed_at"]
    list_filter = ["kind"]


@admin.register(FixRule)
class FixRuleAdmin(ReadOnlyAdmin):
    """Kept fixes."""

    list_display = ["name", "property", "field", "action", "is_on", "made_by", "made_at"]


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    """Events that left quarantine."""

    list_display = ["property", "kind", "status", "done", "total", "asked_by", "asked_at", "finished_at"]
    list_filter = ["kind", "status"]
