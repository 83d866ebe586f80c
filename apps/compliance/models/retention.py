"""How long an organization keeps its record, and what was pruned by that: PostgreSQL holds both to the rules."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

SHORTEST, LONGEST = 1, 10  # years


class AuditRetention(models.Model):
    """For how many years an organization keeps its record; without a row it is kept for ever.

    It names its organization without a foreign key: the record outlives the organization, and so does its end.
    """

    organization_id = models.BigIntegerField(_("organization"), primary_key=True)
    years = models.PositiveSmallIntegerField(
        _("years"), validators=[MinValueValidator(SHORTEST), MaxValueValidator(LONGEST)]
    )

    class Meta:
        verbose_name = _("retention of the record")
        verbose_name_plural = _("retentions of the record")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(years__gte=SHORTEST, years__lte=LONGEST), name="compliance_years_in_range"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.years}"


class AuditSeal(models.Model):
    """The end of what was pruned of a chain: the chain goes on from its hash.

    Whoever adds one says for which organization, and nothing else: PostgreSQL finds what is old enough by the retention
    in force, and lets exactly that be deleted. That a seal was made stands in the chain itself.
    """

    organization_id = models.BigIntegerField(_("organization"))
    first = models.BigIntegerField(_("first number"), default=0, editable=False)
    last = models.BigIntegerField(_("last number"), default=0, editable=False)
    hash = models.TextField(_("hash of the last entry"), default="", editable=False)
    until = models.DateTimeField(_("time of the last entry"), null=True, editable=False)
    years = models.PositiveSmallIntegerField(_("kept for years"), default=0, editable=False)
    made_at = models.DateTimeField(_("made at"), null=True, editable=False)

    class Meta:
        verbose_name = _("seal of the record")
        verbose_name_plural = _("seals of the record")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["organization_id", "last"], name="compliance_one_seal")]

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.first}-{self.last}"
