"""What a company's directory has told us over SCIM: its people and groups, and the token it told it with."""

import uuid

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class ProvisioningToken(models.Model):
    """A bearer token of one organization's directory. Shown once; only its digest is kept."""

    organization = models.ForeignKey("orgs.Organization", on_delete=models.CASCADE, related_name="provisioning_tokens")
    prefix = models.CharField(_("begins with"), max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta:
        verbose_name = _("provisioning token")
        verbose_name_plural = _("provisioning tokens")
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.prefix}…"


class ProvisionedPerson(models.Model):
    """A person of an organization's directory. Who is inactive there cannot come back by single sign-on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey("orgs.Organization", on_delete=models.CASCADE, related_name="provisioned_people")
    user = models.ForeignKey("orgs.User", on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(_("external id"), max_length=255, blank=True)
    user_name = models.CharField(_("user name"), max_length=254)
    document = models.JSONField(_("as the directory sent it"), default=dict)
    is_active = models.BooleanField(_("active"), default=True)
    made_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("provisioned person")
        verbose_name_plural = _("provisioned people")
        ordering = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="accounts_one_person"),
            models.UniqueConstraint(models.F("organization"), Lower("user_name"), name="accounts_one_user_name"),
        ]
        # How a directory looks for a person, and how it reads them page by page.
        indexes = [
            models.Index(fields=["organization", "external_id"], name="accounts_people_external"),
            models.Index(fields=["organization", "made_at", "id"], name="accounts_people_listed"),
        ]

    def __str__(self) -> str:
        return self.user_name


class ProvisionedGroup(models.Model):
    """A group of an organization's directory; its name can give its people a role."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey("orgs.Organization", on_delete=models.CASCADE, related_name="provisioned_groups")
    external_id = models.CharField(_("external id"), max_length=255, blank=True)
    name = models.CharField(_("name"), max_length=255)
    people = models.ManyToManyField(ProvisionedPerson, related_name="groups", blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("provisioned group")
        verbose_name_plural = _("provisioned groups")
        ordering = ["made_at", "id"]
        constraints = [models.UniqueConstraint(models.F("organization"), Lower("name"), name="accounts_one_group_name")]

    def __str__(self) -> str:
        return self.name
