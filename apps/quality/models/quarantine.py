"""Kept fixes, and the releases that take events out of quarantine."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.quality.domain import fixes


class FixRule(models.Model):
    """A fix that is kept: events that fail an expectation are tried with it as they arrive."""

    class Action(models.TextChoices):
        """What it does."""

        MAPPING = "mapping", _("Replace values")
        CAST = "cast", _("Change the type")
        DEFAULT = "default", _("Set where it is missing")
        RENAME = "rename", _("Rename the field")

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    stream = models.ForeignKey(
        "orgs.Stream", verbose_name=_("stream"), on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    name = models.CharField(_("name"), max_length=120)
    event = models.CharField(_("events"), max_length=200, default="*")
    field = models.CharField(_("field"), max_length=200)
    action = models.CharField(_("action"), max_length=12, choices=Action.choices)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    is_on = models.BooleanField(_("on"), default=True)
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("kept fix")
        verbose_name_plural = _("kept fixes")
        ordering = ["pk"]  # the order in which they are made

    def __str__(self) -> str:
        return self.name

    def fix(self) -> fixes.Fix:
        """Return it as the value that changes events."""
        action = fixes.Action(self.action)
        return fixes.Fix(self.field, action, self.parameters, self.pk or 0, self.name, self.event, self.stream_id)


class Release(models.Model):
    """Events that somebody took out of quarantine, or back into it: which, how, why, and how far it is."""

    class Kind(models.TextChoices):
        """How they leave, or that they come back after a discard."""

        REPLAY = "replay", pgettext_lazy("what was done with events", "Replay")
        DISCARD = "discard", pgettext_lazy("what was done with events", "Discard")
        RESTORE = "restore", pgettext_lazy("what was done with events", "Take back")

    class Status(models.TextChoices):
        """How far it is."""

        QUEUED = "queued", _("Waits")
        RUNNING = "running", _("Runs")
        SUCCEEDED = "succeeded", _("Done")
        FAILED = "failed", _("Failed")

    ACTIVE: ClassVar = (Status.QUEUED, Status.RUNNING)

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    selection = models.JSONField(_("selection"))
    fix = models.JSONField(_("fix"), null=True, blank=True)
    note = models.CharField(_("reason"), max_length=300, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.QUEUED)
    total = models.PositiveIntegerField(_("events"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    changed = models.PositiveIntegerField(_("changed by the fix"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    error = models.TextField(_("error"), blank=True)
    asked_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    asked_for = models.CharField(_("asked by"), max_length=200, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("release from quarantine")
        verbose_name_plural = _("releases from quarantine")
        ordering = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    def is_active(self) -> bool:
        """Tell whether it has not ended."""
        return self.status in self.ACTIVE
