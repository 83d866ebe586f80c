"""What operators see of goals and builds: history, so read-only but for a goal's use."""

from django.contrib import admin

from apps.attribution.models import (
    BuildRun,
    ChannelRulesVersion,
    Goal,
    GoalVersion,
    IdentityVersion,
    Promotion,
    RulesVersion,
    TrainingRun,
    Trial,
    Watermark,
)
from apps.shared.read_only import ReadOnlyAdmin


@admin.register(Goal)
class GoalAdmin(ReadOnlyAdmin):
    """Goals as they are; members change them on their page, which keeps the versions."""

    list_display = ["name", "property", "event_name", "counting", "is_primary", "is_archived", "version"]
    list_filter = ["property", "is_archived"]
    search_fields = ["name", "event_name"]


@admin.register(GoalVersion)
class GoalVersionAdmin(ReadOnlyAdmin):
    """What goals were."""

    list_display = ["goal", "version", "name", "made_by", "made_at"]
    list_filter = ["goal__property"]


@admin.register(Watermark)
class WatermarkAdmin(ReadOnlyAdmin):
    """How far journeys reach."""

    list_display = ["property", "stored_to", "built_at", "build", "is_stale", "error"]


@admin.register(BuildRun)
class BuildRunAdmin(ReadOnlyAdmin):
    """What was built."""

    list_display = ["property", "build", "kind", "started_at", "finished_at", "events", "journeys", "error"]
    list_filter = ["property", "kind"]


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnlyAdmin):
    """What was trained."""

    list_display = ["property", "goal", "method", "status", "asked_at", "finished_at", "paths", "conversions", "error"]
    list_filter = ["property", "method", "status"]


@admin.register(ChannelRulesVersion)
class ChannelRulesVersionAdmin(ReadOnlyAdmin):
    """What channel rules were."""

    list_display = ["property", "version", "applies_from", "made_by", "made_at"]
    list_filter = ["property"]


@admin.register(IdentityVersion)
class IdentityVersionAdmin(ReadOnlyAdmin):
    """What rules about ids were, and who was kept apart."""

    list_display = ["property", "version", "act", "note", "undoes", "made_by", "made_at"]
    list_filter = ["property", "act"]


@admin.register(Promotion)
class PromotionAdmin(ReadOnlyAdmin):
    """Which rules were promoted, and which of that was undone."""

    list_display = ["property", "number", "note", "covers_past", "undoes", "made_by", "made_at"]
    list_filter = ["property"]


@admin.register(RulesVersion)
class RulesVersionAdmin(ReadOnlyAdmin):
    """What reports read journeys by."""

    list_display = ["property", "topic", "version", "applies_from", "note", "made_by", "made_at"]
    list_filter = ["property", "topic"]


@admin.register(Trial)
class TrialAdmin(ReadOnlyAdmin):
    """What was tried."""

    list_display = ["property", "goal", "status", "progress", "asked_by", "asked_at", "finished_at", "error"]
    list_filter = ["property", "status"]
