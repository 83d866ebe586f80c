"""Where else the record goes, entry by entry: addresses of an organization's own, and the outbox before them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.shared.encryption import EncryptedTextField


class AuditEndpoint(models.Model):
    """An address that receives the record, and the secret that signs what it receives."""

    organization = models.ForeignKey("orgs.Organization", on_delete=models.CASCADE, related_name="+")
    url = models.CharField(_("address"), max_length=500)
    secret = EncryptedTextField(_("secret"), editable=False)
    retired_secret = EncryptedTextField(_("secret before"), blank=True, default="", editable=False)
    retired_until = models.DateTimeField(_("secret before signs until"), null=True, editable=False)
    paused_at = models.DateTimeField(_("paused at"), null=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    last_delivered_at = models.DateTimeField(_("last delivered"), null=True, editable=False)
    # One worker at a time, so that entries leave in their order; a worker that died gives the turn back by this time.
    busy_until = models.DateTimeField(null=True, editable=False)
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)

    class Meta:
        verbose_name = _("receiver of the record")
        verbose_name_plural = _("receivers of the record")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.url


class AuditDelivery(models.Model):
    """One entry on its way to one address. PostgreSQL adds it in the transaction of the entry, so none is missing."""

    class State(models.TextChoices):
        """How far it came."""

        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        DEAD = "dead", _("given up")

    endpoint = models.ForeignKey(AuditEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    entry_id = models.BigIntegerField(_("entry"), null=True)  # none: a test
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt"))
    status = models.PositiveSmallIntegerField(_("answer"), null=True)  # none: it could not be asked
    made_at = models.DateTimeField(_("made at"))
    tried_at = models.DateTimeField(_("last attempt"), null=True)

    class Meta:
        verbose_name = _("delivery of the record")
        verbose_name_plural = _("deliveries of the record")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["endpoint", "entry_id"], name="compliance_one_delivery")]
        indexes = [
            models.Index(
                fields=["endpoint", "next_at"], condition=models.Q(state="waiting"), name="compliance_deliveries_due"
            ),
            models.Index(fields=["endpoint"], condition=models.Q(state="dead"), name="compliance_deliveries_dead"),
            models.Index(fields=["endpoint", "-id"], name="compliance_deliveries_of"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.entry_id} {self.state}"
