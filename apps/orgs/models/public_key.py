"""The public keys with which a stream's clients prove who they are, and get tokens for a while (OAuth)."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _


def new_key_id() -> str:
    """Return the name of a key, which clients put into the head of what they sign. It is no secret."""
    return f"pk_{secrets.token_hex(12)}"


class PublicKey(models.Model):
    """One public key of a stream. Its private half stays with the customer; several at once let keys be rotated."""

    stream = models.ForeignKey("orgs.Stream", on_delete=models.CASCADE, related_name="public_keys")
    name = models.CharField(_("name"), max_length=120)
    key_id = models.CharField(_("key ID"), max_length=40, unique=True, default=new_key_id, editable=False)
    pem = models.TextField(_("public key"))
    algorithm = models.CharField(_("algorithm"), max_length=10)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("public key")
        verbose_name_plural = _("public keys")
        ordering = ["made_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["stream", "fingerprint"], name="orgs_one_public_key")]

    def __str__(self) -> str:
        return f"{self.stream} · {self.name}"
