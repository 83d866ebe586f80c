"""Trials: journeys built, and methods trained, under rules that somebody tries and that are nobody's rules yet."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.attribution.models.training import TrainingRun


class Trial(models.Model):
    """One what-if whose journeys must be built anew: what it tries, how far it is, and what it learned.

    Its journeys lie beside those of the goals, under a number that no goal has, until the trial is tidied up. Nothing
    but a what-if reads them. `name` is a fingerprint of `rules`: the same question finds the same trial.
    """

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    goal = models.ForeignKey("attribution.Goal", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("fingerprint"), max_length=32)
    rules = models.JSONField(_("what is tried"))
    status = models.CharField(
        _("status"), max_length=10, choices=TrainingRun.Status.choices, default=TrainingRun.Status.QUEUED
    )
    stage = models.CharField(_("stage"), max_length=10, choices=TrainingRun.Stage.choices, blank=True)
    progress = models.PositiveSmallIntegerField(_("progress"), default=0)
    is_cancel_wanted = models.BooleanField(default=False)
    asked_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(_("asked at"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    # The state of the property's journeys that this one's were built beside: others mean that events have arrived.
    journeys_state = models.UUIDField(_("state of the journeys"), null=True, blank=True, editable=False)
    fit = models.JSONField(_("fit"), null=True, blank=True)
    refusal = models.CharField(_("why it cannot tell"), max_length=40, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("trial")
        verbose_name_plural = _("trials")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["property", "name"], name="attribution_one_trial")]

    def __str__(self) -> str:
        return f"{self.property} · {self.name}"
