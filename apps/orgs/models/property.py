"""A measured product, the streams its events come in by, and the rules it is measured under."""

import secrets
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.orgs.models.lookbacks import DAY, lookback_field


def new_write_key() -> str:
    """Return a key that cannot be guessed: 192 random bits, safe in a URL and in Basic auth."""
    return f"wk_{secrets.token_urlsafe(24)}"


class Property(models.Model):
    """A measured product: one web site, one app, or both together."""

    organization = models.ForeignKey("orgs.Organization", on_delete=models.CASCADE, related_name="properties")
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("address"), max_length=60)
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    # Which stores hold its data; empty where there is one region. PostgreSQL refuses to change it (migration 0055).
    region = models.CharField(_("region"), max_length=40, blank=True, default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("property")
        verbose_name_plural = _("properties")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organization", "slug"], name="orgs_one_slug")]

    def __str__(self) -> str:
        return self.name


class PropertySettings(models.Model):
    """One version of a property's rules. Never changed: the newest holds, the older ones explain the past (R10)."""

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="settings_versions")
    version = models.PositiveIntegerField(_("version"))
    # Empty: as the organization says.
    click_lookback = lookback_field(_("click lookback"), 90 * DAY)
    view_lookback = lookback_field(_("view lookback"), 7 * DAY)
    visit_gap = models.DurationField(_("visit gap"), default=timedelta(minutes=30))
    campaign_opens = models.BooleanField(_("another campaign opens a visit"), default=True)
    own_domains = models.JSONField(_("own domains"), default=list, blank=True)
    referrer_exclusions = models.JSONField(_("referrer exclusions"), default=list, blank=True)
    # Of both lists, what holds for events that came in before it was listed, too.
    past_exclusions = models.JSONField(_("exclusions for the past"), default=list, blank=True)
    click_ids = models.JSONField(_("own click ids"), default=list, blank=True)
    default_method = models.CharField(_("default method"), max_length=40, default="last_non_direct")
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("settings version")
        verbose_name_plural = _("settings versions")
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["property", "version"], name="orgs_one_settings_version")]

    def __str__(self) -> str:
        return f"{self.property} v{self.version}"


class Stream(models.Model):
    """One way in for events, with a write key of its own."""

    class Kind(models.TextChoices):
        """Where a stream's events happen."""

        WEB = "web", _("Web")
        IOS = "ios", _("iOS")
        ANDROID = "android", _("Android")
        SERVER = "server", _("Server")

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="streams")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=120)
    write_key = models.CharField(_("write key"), max_length=60, unique=True, default=new_write_key)
    is_active = models.BooleanField(_("accepts events"), default=True)
    requires_token = models.BooleanField(_("takes events only with a token"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    key_made_at = models.DateTimeField(_("key made at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("stream")
        verbose_name_plural = _("streams")
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return self.name

    def client_id(self) -> str:
        """Return the name by which the clients of the stream ask for tokens. It is no secret."""
        return f"stream-{self.pk}"


class RetiredKey(models.Model):
    """The write key that a stream had before: accepted a while longer, so that clients can change over."""

    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, related_name="retired_keys")
    write_key = models.CharField(_("write key"), max_length=60, unique=True)
    accepted_until = models.DateTimeField(_("accepted until"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("retired write key")
        verbose_name_plural = _("retired write keys")
        ordering = ["-accepted_until"]

    def __str__(self) -> str:
        return f"{self.stream} · {self.accepted_until}"
