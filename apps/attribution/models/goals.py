"""What people say a conversion is, and what it was."""

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

    class Decides(models.TextChoices):
        """Whether an event that meets the goal opens an app, so that one winner is decided."""

        NOTHING = "", _("No: credit is shared among touchpoints")
        INSTALL = "install", _("Yes: an app is opened for the first time")
        REENGAGEMENT = "reengagement", _("Yes: an app is opened again")

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
    decides = models.CharField(_("decides for one"), max_length=12, choices=Decides.choices, default="", blank=True)
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
            **({"decides": self.decides} if self.decides else {}),
        }


class GoalVersion(models.Model):
    """What a goal was, since when and by whom: one row a change, never altered (R10)."""

    goal = models.ForeignKey("attribution.Goal", on_delete=models.CASCADE, related_name="versions")
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
