"""What is expected of events, each version of it, and what was observed of streams."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.quality.domain import rules


class Expectation(models.Model):
    """What a property expects of some of its events. Changed by services only, which keep each version (R10)."""

    class Kind(models.TextChoices):
        """What is looked at."""

        NOT_NULL = "not_null", _("Is there")
        IN_SET = "in_set", _("Is one of")
        RANGE = "range", _("Lies within")
        REGEX = "regex", _("Matches a pattern")
        TYPE = "type", _("Has the type")
        SCHEMA = "schema", _("Has the learned shape")
        FRESHNESS = "freshness", _("Keeps coming")
        VOLUME = "volume", _("Comes as usual")

    class Severity(models.TextChoices):
        """What becomes of an event that fails."""

        FLAG = "flag", _("Flag: it counts and carries the flag")
        QUARANTINE = "quarantine", _("Quarantine: it is in no report until it is replayed")

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    stream = models.ForeignKey(
        "orgs.Stream", verbose_name=_("stream"), on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    name = models.CharField(_("name"), max_length=120)
    event = models.CharField(_("events"), max_length=200, default="*")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    field = models.CharField(_("field"), max_length=200, blank=True)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    severity = models.CharField(_("severity"), max_length=12, choices=Severity.choices, default=Severity.FLAG)
    is_on = models.BooleanField(_("on"), default=True)
    is_archived = models.BooleanField(_("archived"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("expectation")
        verbose_name_plural = _("expectations")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["property", "name"], condition=models.Q(is_archived=False), name="quality_one_expectation"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def definition(self) -> dict[str, Any]:
        """Return what decides which events fail and what becomes of them: a change of it is a new version."""
        names = ("event", "kind", "field", "parameters", "severity", "is_on")
        return {"stream": self.stream_id, **{name: getattr(self, name) for name in names}}

    def rule(self) -> rules.Rule:
        """Return it as the value that events are compared with."""
        return rules.Rule(
            self.pk or 0,
            self.name,
            rules.Kind(self.kind),
            self.field,
            self.parameters,
            rules.Severity(self.severity),
            self.event,
            self.stream_id,
        )


class ExpectationVersion(models.Model):
    """What an expectation was, since when and by whom: one row a change, never altered (R10)."""

    expectation = models.ForeignKey(Expectation, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=120)
    definition = models.JSONField(_("definition"))
    is_archived = models.BooleanField(_("archived"))
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("version of an expectation")
        verbose_name_plural = _("versions of expectations")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Observation(models.Model):
    """What was seen of a stream's freshness or volume, and whether that was expected. Never altered."""

    expectation = models.ForeignKey(Expectation, on_delete=models.CASCADE, related_name="observations")
    made_at = models.DateTimeField(_("made"))
    is_met = models.BooleanField(_("as expected"))
    measured = models.FloatField(_("measured"), null=True, blank=True)
    lowest = models.FloatField(_("lowest"), null=True, blank=True)
    highest = models.FloatField(_("highest"), null=True, blank=True)
    newest_at = models.DateTimeField(_("newest event"), null=True, blank=True)

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["expectation", "-made_at"], name="quality_newest_observation")]

    def __str__(self) -> str:
        return f"{self.expectation} {self.made_at:%Y-%m-%d %H:%M}"
