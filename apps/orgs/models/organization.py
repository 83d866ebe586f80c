"""An organization and the people in it."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.orgs.domain import permissions
from apps.orgs.models.lookbacks import DAY, lookback_field

# How long an organization that its owner deletes can be taken back.
GRACE = timedelta(days=14)


class Role(models.TextChoices):
    """What a member is, from most to least; `domain/permissions.py` says what each may do."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    ANALYST = "analyst", _("Analyst")
    MARKETER = "marketer", _("Marketer")
    DEVELOPER = "developer", _("Developer")
    VIEWER = "viewer", _("Viewer")
    GUEST = "guest", _("Agency guest")


class Organization(models.Model):
    """A company, or a part of one, that owns properties."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    region = models.CharField(_("region of new properties"), max_length=40, blank=True, default="")
    # For properties that do not say it themselves; empty: as usual.
    click_lookback = lookback_field(_("click lookback"), 90 * DAY)
    view_lookback = lookback_field(_("view lookback"), 7 * DAY)
    created_at = models.DateTimeField(auto_now_add=True)
    deletes_at = models.DateTimeField(_("is deleted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CustomRole(models.Model):
    """A role of an organization's own making."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="custom_roles")
    name = models.CharField(_("name"), max_length=60)
    permissions = ArrayField(models.CharField(max_length=40), verbose_name=_("permissions"), default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("custom role")
        verbose_name_plural = _("custom roles")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="orgs_one_custom_role")]

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """What somebody may do: a role, in all or some properties, on all or a part of the figures."""

    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.VIEWER)
    custom_role = models.ForeignKey(
        CustomRole, verbose_name=_("custom role"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    property_ids = ArrayField(models.BigIntegerField(), verbose_name=_("properties"), default=list, blank=True)
    sources = ArrayField(models.CharField(max_length=120), verbose_name=_("sources"), default=list, blank=True)
    countries = ArrayField(
        models.CharField(max_length=2, validators=[RegexValidator(r"^[A-Z]{2}$")]),
        verbose_name=_("countries"),
        default=list,
        blank=True,
    )

    class Meta:
        abstract = True

    @property
    def permissions(self) -> frozenset[permissions.Permission]:
        """What the role allows."""
        if self.custom_role is not None:
            return permissions.known(self.custom_role.permissions) - permissions.NEVER_CUSTOM
        return permissions.ROLES[self.role]

    @property
    def title(self) -> str:
        """The name of the role."""
        return self.custom_role.name if self.custom_role is not None else str(Role(self.role).label)


class Membership(Grant):
    """One person in one organization."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey("orgs.User", on_delete=models.CASCADE, related_name="memberships")
    created_at = models.DateTimeField(auto_now_add=True)
    # Of an operator who helps: why they are here, and when that ends by itself.
    reason = models.TextField(_("reason"), blank=True)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="orgs_one_membership")]

    def __str__(self) -> str:
        return f"{self.user} · {self.organization}"


class SupportAccess(Membership):
    """An operator in an organization that is not theirs, for a stated reason and an hour."""

    class Meta:
        proxy = True
        verbose_name = _("support access")
        verbose_name_plural = _("support access")


class Invitation(Grant):
    """A letter that makes whoever opens it a member, once, until it expires. Only the hash of its secret is kept."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("expires at"))

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-made_at"]
        constraints = [models.UniqueConstraint(fields=["organization", "email"], name="orgs_one_invitation")]

    def __str__(self) -> str:
        return f"{self.email} · {self.organization}"
