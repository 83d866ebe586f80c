"""The shapes of events that were learned or accepted, and how later events differ."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.quality.domain.fields import subject


class EventSchema(models.Model):
    """The shape of one event's properties: one row a version, the newest holds, none is altered (R10)."""

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=12)
    name = models.CharField(_("event name"), max_length=512, blank=True)
    version = models.PositiveIntegerField(_("version"))
    fields = models.JSONField(_("fields"))
    events = models.PositiveIntegerField(_("learned from events"))
    learned_from = models.DateTimeField(pgettext_lazy("beginning of a period", "from"))
    learned_to = models.DateTimeField(_("to"))
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("schema of an event")
        verbose_name_plural = _("schemas of events")
        ordering = ["name", "kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["property", "kind", "name", "version"], name="quality_one_schema_version")
        ]

    def __str__(self) -> str:
        return f"{self.subject()} v{self.version}"

    def subject(self) -> str:
        """Return what people call the event."""
        return subject(self.kind, self.name)


class Drift(models.Model):
    """One way in which events have begun to differ from their schema: open until it is accepted or goes away."""

    class Kind(models.TextChoices):
        """What differs."""

        NEW_FIELD = "new_field", _("New field")
        MISSING_FIELD = "missing_field", _("Missing field")
        CHANGED_TYPE = "changed_type", _("Changed type")
        UNSEEN_VALUE = "unseen_value", _("Unseen values")

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    schema = models.ForeignKey(EventSchema, on_delete=models.CASCADE, related_name="drifts")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    field = models.CharField(_("field"), max_length=500)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    share = models.FloatField(_("share of the events"))
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("drift")
        verbose_name_plural = _("drifts")
        ordering = ["-share", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["schema", "kind", "field"], condition=models.Q(closed_at=None), name="quality_one_open_drift"
            )
        ]

    def __str__(self) -> str:
        return f"{self.schema}: {self.kind} {self.field}"
