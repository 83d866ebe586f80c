"""Trainings of data-driven methods."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.attribution.models.computing import Computation


class TrainingRun(Computation):
    """One training of a data-driven method: what it was asked, how far it is, and what it found. Kept (R10).

    `number` of weights in ClickHouse is the id of the run. A run that succeeded is what pages credit by until a later
    one of the same goal and method does.
    """

    goal_version = models.PositiveIntegerField(_("goal version"), default=0)
    method = models.CharField(_("method"), max_length=20)
    parameters = models.JSONField(_("parameters"), default=dict)
    window_from = models.DateTimeField(pgettext_lazy("beginning of a period", "from"))
    window_to = models.DateTimeField(_("until"))
    is_nightly = models.BooleanField(_("nightly"), default=False)
    # What it learned inside of: {"click": seconds, "view": seconds, "version": of the overrides, 0 for none}.
    lookbacks = models.JSONField(_("lookbacks"), default=dict, blank=True)
    data_hash = models.CharField(_("fingerprint of the data"), max_length=64, blank=True)
    paths = models.PositiveBigIntegerField(_("paths"), default=0)
    conversions = models.PositiveBigIntegerField(_("conversions"), default=0)
    sampled = models.FloatField(_("part of the people"), default=1.0)
    # Channels whose share left the interval of the fit before: [channel, share before, share now].
    moved = models.JSONField(_("moved"), default=list, blank=True)
    compared_with = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    seen_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    seen_at = models.DateTimeField(_("move seen at"), null=True, blank=True)

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
