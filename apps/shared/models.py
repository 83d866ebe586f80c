"""What no single context owns: the mail that leaves this installation."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.shared.encryption import EncryptedTextField


class Mail(models.Model):
    """One message to one person: waiting, sent, or given up with a reason. Bodies are encrypted while they wait."""

    to = models.EmailField(_("to"))
    name = models.CharField(_("name"), max_length=60)
    subject = models.CharField(_("subject"), max_length=200)
    text = EncryptedTextField(_("text"), blank=True)
    html = EncryptedTextField(_("HTML"), blank=True)
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    failure = models.CharField(_("failure"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mail")
        ordering = ["-made_at"]
        indexes = [
            models.Index(fields=["made_at"], condition=models.Q(sent_at=None), name="shared_mail_waiting"),
            models.Index(fields=["to", "-made_at"], name="shared_mail_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"
