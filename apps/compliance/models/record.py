"""The record: what was changed, by whom, from where. Written by triggers of PostgreSQL, never altered."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AuditEntry(models.Model):
    """One thing that happened. PostgreSQL numbers, times, signs and chains it; nobody updates or deletes it.

    It names its organization without a foreign key, because it outlives what it tells of.
    """

    organization_id = models.BigIntegerField(_("organization"), null=True)
    chain = models.BigIntegerField(_("chain"), default=0, editable=False)
    number = models.BigIntegerField(_("number"), default=0, editable=False)
    at = models.DateTimeField(_("time"), null=True, editable=False)
    actor_kind = models.TextField(_("kind of actor"), default="", editable=False)
    actor_id = models.BigIntegerField(_("id of the actor"), null=True, editable=False)
    actor_name = models.TextField(pgettext_lazy("who did it", "by"), default="", editable=False)
    address = models.TextField(pgettext_lazy("network address", "from"), default="", editable=False)
    request_id = models.TextField(_("request"), default="", editable=False)
    action = models.TextField(_("action"))
    subject = models.TextField(pgettext_lazy("what was changed", "subject"), default="")
    subject_id = models.TextField(_("id of the subject"), default="")
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    previous = models.TextField(_("hash of the entry before"), default="", editable=False)
    hash = models.TextField(_("hash"), default="", editable=False)

    class Meta:
        verbose_name = _("entry of the record")
        verbose_name_plural = _("record")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="compliance_one_number")]
        indexes = [models.Index(fields=["organization_id", "-id"], name="compliance_record_by_org")]

    def __str__(self) -> str:
        return f"{self.at} {self.actor_name} {self.action} {self.subject} {self.subject_id}"


class AuditChain(models.Model):
    """How long each chain of the record is and what its last hash is: without it, a cut end would not show."""

    chain = models.BigIntegerField(primary_key=True)
    length = models.BigIntegerField(default=0)
    hash = models.TextField(default="")

    class Meta:
        verbose_name = _("chain of the record")
        verbose_name_plural = _("chains of the record")

    def __str__(self) -> str:
        return f"{self.chain}: {self.length}"
