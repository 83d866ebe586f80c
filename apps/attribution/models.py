"""What people say a conversion is, and how far the journeys have been built."""

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Goal(models.Model):
    """What counts as a conversion of a property. Changed by services only, which keep each version (R10)."""

    class Kind(models.TextChoices):
        """Which events a goal looks at."""

        TRACK = "track", _("Event")
        PAGE = "page", _("Page view")
        SCREEN = "screen", _("Screen view")

    class Counting(models.TextChoices):
        """How often one person can reach a goal."""

        EVERY = "every", _("Every time")
        ONCE = "once", _("Once per person")

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind of event"), max_length=10, choices=Kind.choices, default=Kind.TRACK)
    event_name = models.CharField(_("event name"), max_length=200, blank=True)
    filters = models.JSONField(_("conditions"), default=list, blank=True)
    value_field = models.CharField(_("value property"), max_length=200, blank=True)
    fixed_value = models.DecimalField(
        _("fixed value"), max_digits=18, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    counting = models.CharField(_("counting"), max_length=10, choices=Counting.choices, default=Counting.EVERY)
    milestone = models.ForeignKey(
        "self", verbose_name=_("milestone goal"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_primary = models.BooleanField(_("primary"), default=False)
    is_archived = models.BooleanField(_("archived"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    built_version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ["-is_primary", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["property"], condition=models.Q(is_primary=True), name="attribution_one_primary_goal"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def definition(self) -> dict[str, Any]:
        """Return what decides which events count and what they are worth: a change of it makes a new version."""
        return {
            "kind": self.kind,
            "event_name": self.event_name,
            "filters": self.filters,
            "value_field": self.value_field,
            "fixed_value": None if self.fixed_value is None else str(Decimal(self.fixed_value).normalize()),
            "counting": self.counting,
            "milestone": self.milestone_id,
        }


class GoalVersion(models.Model):
    """What a goal was, since when and by whom: one row a change, never altered (R10)."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=120)
    definition = models.JSONField(_("definition"))
    is_primary = models.BooleanField(_("primary"))
    is_archived = models.BooleanField(_("archived"))
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("goal version")
        verbose_name_plural = _("goal versions")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class ChannelRulesVersion(models.Model):
    """A property's own channel rules, since when and by whom: one row a change, never altered (R10).

    `applies_from` is the first instant whose touchpoints follow them; without one all do, those of the past as well.
    """

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(_("version"))
    rules = models.JSONField(_("rules"), default=list, blank=True)
    applies_from = models.DateTimeField(_("applies from"), null=True, blank=True)
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("version of channel rules")
        verbose_name_plural = _("versions of channel rules")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["property", "version"], name="attribution_one_channel_rules_version")
        ]

    def __str__(self) -> str:
        return f"{self.property} v{self.version}"


class Promotion(models.Model):
    """A what-if that became the rules: what held before and after, when and by whom (R10). Never altered.

    Undoing one is promoting its `before` again, which is a promotion of its own that names it in `undoes`.
    """

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField(_("number"))
    before = models.JSONField(_("before"))
    after = models.JSONField(_("after"))
    covers_past = models.BooleanField(_("covers the past"), default=False)
    undoes = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="undone_by")
    note = models.CharField(_("note"), max_length=200, blank=True)
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["property", "number"], name="attribution_one_promotion_number")]

    def __str__(self) -> str:
        return f"{self.property} #{self.number}"


class IdentityVersion(models.Model):
    """A property's rules about ids, since when and by whom: one row a change, never altered (R10).

    `rules` are whole, as the engine stores them; `pairs` are those that this change parted or let join again. Undoing
    a change is one of its own that names it in `undoes`.
    """

    class Act(models.TextChoices):
        """What a change did."""

        RULES = "rules", _("Rules about ids")
        PART = "part", _("Kept apart")
        JOIN = "join", _("May join again")

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(_("version"))
    rules = models.JSONField(_("rules"), default=dict, blank=True)
    act = models.CharField(_("change"), max_length=10, choices=Act.choices, default=Act.RULES)
    pairs = models.JSONField(_("pairs"), default=list, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    undoes = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="undone_by")
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("version of rules about ids")
        verbose_name_plural = _("versions of rules about ids")
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["property", "version"], name="attribution_one_identity_version")]

    def __str__(self) -> str:
        return f"{self.property} v{self.version}"


class Watermark(models.Model):
    """How far a property's journeys reach: every event stored up to `stored_to` is in them.

    `journeys_state` names what they are: another name whenever they have changed, none while they may be changing.
    """

    property = models.OneToOneField("orgs.Property", on_delete=models.CASCADE, related_name="+", primary_key=True)
    stored_to = models.DateTimeField(_("stored to"), null=True, blank=True)
    built_at = models.DateTimeField(_("built at"), null=True, blank=True)
    visit_gap = models.DurationField(_("visit gap"), null=True, blank=True)
    channel_rules_version = models.PositiveIntegerField(_("version of the channel rules"), default=0)
    # How events were read, beside the gap and the channel rules: by which identity version, with what left out.
    reading = models.JSONField(_("reading of events"), null=True, blank=True)
    build = models.PositiveBigIntegerField(_("build"), default=0)
    is_stale = models.BooleanField(_("needs a full build"), default=True)
    journeys_state = models.UUIDField(_("state of the journeys"), null=True, blank=True, editable=False)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("watermark")
        verbose_name_plural = _("watermarks")

    def __str__(self) -> str:
        return f"{self.property} · {self.stored_to}"


class BuildRun(models.Model):
    """One build of journeys: what it read, what it wrote, and what went wrong."""

    class Kind(models.TextChoices):
        """How much was built."""

        FULL = "full", _("Everything")
        INCREMENTAL = "incremental", _("What is new")

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    build = models.PositiveBigIntegerField(_("build"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    stored_from = models.DateTimeField(_("stored from"), null=True, blank=True)
    stored_to = models.DateTimeField(_("stored to"), null=True, blank=True)
    events = models.PositiveBigIntegerField(_("events"), default=0)
    persons = models.PositiveBigIntegerField(_("persons"), default=0)
    journeys = models.PositiveBigIntegerField(_("journeys"), default=0)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("build")
        verbose_name_plural = _("builds")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["property", "-started_at"], name="attribution_builds_by_time")]

    def __str__(self) -> str:
        return f"{self.property} #{self.build}"


class Drawing(models.Model):
    """Which drawing of histories a property has, and how far it reaches: training uses it while nothing is new."""

    property = models.OneToOneField("orgs.Property", on_delete=models.CASCADE, related_name="+", primary_key=True)
    number = models.PositiveBigIntegerField(default=0)
    stored_to = models.DateTimeField(null=True, blank=True)
    drawn_from = models.DateTimeField(null=True, blank=True)
    visit_gap = models.DurationField(null=True, blank=True)
    channel_rules_version = models.PositiveIntegerField(default=0)
    reading = models.JSONField(null=True, blank=True)

    class Meta:
        verbose_name = _("drawing of histories")
        verbose_name_plural = _("drawings of histories")

    def __str__(self) -> str:
        return f"{self.property} #{self.number}"


class TrainingRun(models.Model):
    """One training of a data-driven method: what it was asked, how far it is, and what it found. Kept (R10).

    `number` of weights in ClickHouse is the id of the run. A run that succeeded is what pages credit by until a later
    one of the same goal and method does.
    """

    class Status(models.TextChoices):
        """How far a run is."""

        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        SUCCEEDED = "succeeded", _("Trained")
        REFUSED = "refused", _("Cannot tell")
        FAILED = "failed", _("Failed")
        CANCELED = "canceled", _("Canceled")

    class Stage(models.TextChoices):
        """What a run is doing."""

        BUILDING = "building", _("Bringing journeys up to date")
        DRAWING = "drawing", _("Drawing everybody’s history")
        COUNTING = "counting", _("Reducing journeys to counts")
        FITTING = "fitting", _("Fitting, with intervals")
        WRITING = "writing", _("Writing the weights")

    ACTIVE = (Status.QUEUED, Status.RUNNING)

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="+")
    goal_version = models.PositiveIntegerField(_("goal version"), default=0)
    method = models.CharField(_("method"), max_length=20)
    parameters = models.JSONField(_("parameters"), default=dict)
    window_from = models.DateTimeField(_("from"))
    window_to = models.DateTimeField(_("until"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.QUEUED)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices, blank=True)
    progress = models.PositiveSmallIntegerField(_("progress"), default=0)
    is_cancel_wanted = models.BooleanField(default=False)
    is_nightly = models.BooleanField(_("nightly"), default=False)
    asked_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(_("asked at"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    data_hash = models.CharField(_("fingerprint of the data"), max_length=64, blank=True)
    paths = models.PositiveBigIntegerField(_("paths"), default=0)
    conversions = models.PositiveBigIntegerField(_("conversions"), default=0)
    sampled = models.FloatField(_("part of the people"), default=1.0)
    fit = models.JSONField(_("fit"), null=True, blank=True)
    # Channels whose share left the interval of the fit before: [channel, share before, share now].
    moved = models.JSONField(_("moved"), default=list, blank=True)
    compared_with = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    seen_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    seen_at = models.DateTimeField(_("move seen at"), null=True, blank=True)
    refusal = models.CharField(_("why it cannot tell"), max_length=40, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("training run")
        verbose_name_plural = _("training runs")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["property", "goal", "method", "-id"], name="attribution_training_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["goal", "method"],
                condition=models.Q(status__in=["queued", "running"]),
                name="attribution_one_active_training",
            )
        ]

    def __str__(self) -> str:
        return f"{self.property} · {self.method} #{self.pk}"
