"""Streams that did not keep to what is expected of them, from when to when, and who is mailed about it."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.quality.models.expectation import Expectation


class Breach(models.Model):
    """One time that a stream fell silent, or came otherwise than usual: one row from its beginning to its end."""

    class End(models.TextChoices):
        """Why it is over."""

        MET = "met", _("As expected again")
        WITHDRAWN = "withdrawn", _("Not expected any more")

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    expectation = models.ForeignKey(Expectation, on_delete=models.CASCADE, related_name="breaches")
    begun_at = models.DateTimeField(_("begun"))
    # What was seen first: seconds of silence or a number of events, and between what it was expected to lie.
    measured = models.FloatField(_("measured"), null=True, blank=True)
    lowest = models.FloatField(_("lowest"), null=True, blank=True)
    highest = models.FloatField(_("highest"), null=True, blank=True)
    newest_at = models.DateTimeField(_("newest event"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end = models.CharField(_("why it ended"), max_length=10, choices=End.choices, blank=True)
    # Whether those who asked were mailed: once when it began, once when it ended.
    is_begin_told = models.BooleanField(default=False)
    is_end_told = models.BooleanField(default=False)
    # Who has seen the notice of it; its end is a notice of its own.
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)
    seen_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("breach of what is expected")
        verbose_name_plural = _("breaches of what is expected")
        ordering = ["-begun_at", "-pk"]
        indexes = [models.Index(fields=["property", "-begun_at"], name="quality_newest_breach")]
        constraints = [
            models.UniqueConstraint(
                fields=["expectation"], condition=models.Q(ended_at=None), name="quality_one_open_breach"
            )
        ]

    def __str__(self) -> str:
        return f"{self.expectation} {self.begun_at:%Y-%m-%d %H:%M}"

    def silent(self) -> timedelta:
        """How long nothing had come when it was noticed, where freshness is expected."""
        return timedelta(seconds=self.measured or 0)

    def allowed(self) -> timedelta:
        """How long nothing may come, where freshness is expected."""
        return timedelta(seconds=self.highest or 0)


class BreachReader(models.Model):
    """Somebody who asked to be mailed about the breaches of a property."""

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("orgs.User", on_delete=models.CASCADE, related_name="+")
    language = models.CharField(_("language"), max_length=10)
    asked_at = models.DateTimeField(_("asked"))

    class Meta:
        verbose_name = _("reader of breaches")
        verbose_name_plural = _("readers of breaches")
        ordering = ["asked_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["property", "user"], name="quality_one_breach_reader")]

    def __str__(self) -> str:
        return f"{self.user} ({self.property})"
