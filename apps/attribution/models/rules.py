"""The rules that journeys are built and read by, in versions, and what was promoted."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChannelRulesVersion(models.Model):
    """A property's own channel rules, since when and by whom: one row a change, never altered (R10).

    `applies_from` is the first instant whose touchpoints follow them; without one all do, those of the past as well.
    """

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(_("version"))
    rules = models.JSONField(_("rules"), default=list, blank=True)
    applies_from = models.DateTimeField(_("applies from"), null=True, blank=True)
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("version of channel rules")
        verbose_name_plural = _("versions of channel rules")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["property", "version"], name="attribution_one_channel_rules_version")
        ]

    def __str__(self) -> str:
        return f"{self.property} v{self.version}"


class Promotion(models.Model):
    """A what-if that became the rules: what held before and after, when and by whom (R10). Never altered.

    Undoing one is promoting its `before` again, which is a promotion of its own that names it in `undoes`.
    """

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField(_("number"))
    before = models.JSONField(_("before"))
    after = models.JSONField(_("after"))
    covers_past = models.BooleanField(_("covers the past"), default=False)
    undoes = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="undone_by")
    note = models.CharField(_("note"), max_length=200, blank=True)
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["property", "number"], name="attribution_one_promotion_number")]

    def __str__(self) -> str:
        return f"{self.property} #{self.number}"


class RulesVersion(models.Model):
    """One version of rules that reports read journeys by, since when and by whom: never altered (R10).

    `applies_from` is the first instant whose conversions follow it; without one all do, those of the past as well.
    """

    class Topic(models.TextChoices):
        """What the rules are about."""

        OVERRIDES = "lookback_overrides", _("Lookbacks of sources, campaigns and ad groups")
        PARAMETERS = "method_parameters", _("Parameters of methods")
        DECISIONS = "decision_rules", _("Windows of decisions")

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(_("topic"), max_length=20, choices=Topic.choices)
    version = models.PositiveIntegerField(_("version"))
    value = models.JSONField(_("rules"))
    applies_from = models.DateTimeField(_("applies from"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("version of rules")
        verbose_name_plural = _("versions of rules")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["property", "topic", "version"], name="attribution_one_rules_version")
        ]

    def __str__(self) -> str:
        return f"{self.property} · {self.topic} v{self.version}"


class IdentityVersion(models.Model):
    """A property's rules about ids, since when and by whom: one row a change, never altered (R10).

    `rules` are whole, as the engine stores them; `pairs` are those that this change parted or let join again. Undoing
    a change is one of its own that names it in `undoes`.
    """

    class Act(models.TextChoices):
        """What a change did."""

        RULES = "rules", _("Rules about ids")
        PART = "part", _("Kept apart")
        JOIN = "join", _("May join again")

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(_("version"))
    rules = models.JSONField(_("rules"), default=dict, blank=True)
    act = models.CharField(_("change"), max_length=10, choices=Act.choices, default=Act.RULES)
    pairs = models.JSONField(_("pairs"), default=list, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    undoes = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="undone_by")
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("version of rules about ids")
        verbose_name_plural = _("versions of rules about ids")
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["property", "version"], name="attribution_one_identity_version")]

    def __str__(self) -> str:
        return f"{self.property} v{self.version}"
