"""What a worker computes because somebody asked for it: how far it is, and how it ended."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Computation(models.Model):
    """One computation: who asked for it and when, how far it is, what it learned, and why it did not. Kept."""

    class Status(models.TextChoices):
        """How far it is."""

        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        SUCCEEDED = "succeeded", _("Trained")
        REFUSED = "refused", _("Cannot tell")
        FAILED = "failed", _("Failed")
        CANCELED = "canceled", _("Canceled")

    class Stage(models.TextChoices):
        """What it is doing."""

        BUILDING = "building", _("Bringing journeys up to date")
        DRAWING = "drawing", _("Drawing everybody’s history")
        COUNTING = "counting", _("Reducing journeys to counts")
        FITTING = "fitting", _("Fitting, with intervals")
        WRITING = "writing", _("Writing the weights")

    ACTIVE = (Status.QUEUED, Status.RUNNING)

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    goal = models.ForeignKey("attribution.Goal", on_delete=models.CASCADE, related_name="+")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.QUEUED)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices, blank=True)
    progress = models.PositiveSmallIntegerField(_("progress"), default=0)
    is_cancel_wanted = models.BooleanField(default=False)
    asked_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(_("asked at"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    fit = models.JSONField(_("fit"), null=True, blank=True)
    refusal = models.CharField(_("why it cannot tell"), max_length=40, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        abstract = True
