"""Trials: journeys built, and methods trained, under rules that somebody tries and that are nobody's rules yet."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.attribution.models.computing import Computation


class Trial(Computation):
    """One what-if whose journeys must be built anew: what it tries, how far it is, and what it learned.

    Its journeys lie beside those of the goals, under a number that no goal has, until the trial is tidied up. Nothing
    but a what-if reads them. `name` is a fingerprint of `rules`: the same question finds the same trial.
    """

    name = models.CharField(_("fingerprint"), max_length=32)
    rules = models.JSONField(_("what is tried"))
    # The state of the property's journeys that this one's were built beside: others mean that events have arrived.
    journeys_state = models.UUIDField(_("state of the journeys"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("trial")
        verbose_name_plural = _("trials")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["property", "name"], name="attribution_one_trial")]

    def __str__(self) -> str:
        return f"{self.property} · {self.name}"
