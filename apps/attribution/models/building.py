"""How far the journeys have been built."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
    decided_build = models.PositiveBigIntegerField(_("decided up to build"), default=0)
    is_stale = models.BooleanField(_("needs a full build"), default=True)
    # Of the last minute before `stored_to`: what appears beside it was not built (`domain.arriving`).
    seen = models.JSONField(_("events by the second of storing"), default=dict, blank=True, editable=False)
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
