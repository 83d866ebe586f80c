"""What people set up for ingestion: links, limits of streams, and what is asked of people before they are measured."""

import secrets

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.ingestion.domain.links import Unsafe, UnsafeDestination, check_deep_link, check_destination

# No vowels and nothing that looks like something else: slugs are read aloud and never spell a word.
_LETTERS = "bcdfghjkmnpqrstvwxz23456789"


def new_slug() -> str:
    """Return an address of eight letters that nobody can guess in passing."""
    return "".join(secrets.choice(_LETTERS) for _position in range(8))


_UNSAFE = {
    Unsafe.SIGNS: _("The address holds a blank, a backslash, a quote or a character that nobody can see."),
    Unsafe.NO_ADDRESS: _("This is not an address."),
    Unsafe.SCHEME: _("The address must begin with https:// or http:// and name a host."),
    Unsafe.USER: _("The address must not hold a user name: people would read it as the host."),
    Unsafe.HOST: _("Browsers would read another host in this address. Write the host in its plain form, such as xn--…"),
    Unsafe.PLACE: _("A place in an app is a path, or an address such as shop://product/7."),
}


def validate_destination(url: str) -> None:
    """Refuse an address that a browser must not be sent to."""
    try:
        check_destination(url)
    except UnsafeDestination as error:
        raise ValidationError(_UNSAFE[error.why]) from None


def validate_deep_link(text: str) -> None:
    """Refuse what is no place inside an app."""
    try:
        check_deep_link(text)
    except UnsafeDestination as error:
        raise ValidationError(_UNSAFE[error.why]) from None


class LinkTarget(models.Model):
    """What a link says and may say otherwise tomorrow."""

    name = models.CharField(_("name"), max_length=120)
    destination = models.CharField(_("destination"), max_length=2000, validators=[validate_destination])
    source = models.CharField(_("source"), max_length=120)
    medium = models.CharField(_("medium"), max_length=120, blank=True)
    campaign = models.CharField(_("campaign"), max_length=120, blank=True)
    term = models.CharField(_("term"), max_length=120, blank=True)
    content = models.CharField(_("content"), max_length=120, blank=True)
    ios_destination = models.CharField(
        _("destination on iOS"), max_length=2000, blank=True, validators=[validate_destination]
    )
    android_destination = models.CharField(
        _("destination on Android"), max_length=2000, blank=True, validators=[validate_destination]
    )
    deep_link = models.CharField(_("place in the app"), max_length=2000, blank=True, validators=[validate_deep_link])
    is_active = models.BooleanField(_("counts and redirects"), default=True)

    class Meta:
        abstract = True


LINK_FIELDS = tuple(field.name for field in LinkTarget._meta.fields)  # noqa: SLF001  Django's documented name


class Link(LinkTarget):
    """A short address that counts clicks and impressions and sends people on. The address itself never changes."""

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    slug = models.CharField(
        _("address"),
        max_length=60,
        unique=True,
        default=new_slug,
        validators=[RegexValidator(r"^[A-Za-z0-9_-]{2,60}$", _("Use letters, digits, - and _."))],
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class LinkVersion(LinkTarget):
    """One version of a link that was changed: what it said, who made it say so, and when (R10)."""

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.PositiveIntegerField(_("version"))
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("version of a link")
        verbose_name_plural = _("versions of links")
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["link", "version"], name="ingestion_one_link_version")]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class StreamLimit(models.Model):
    """How many events a stream may send. A stream without one may send what the machines can take."""

    stream = models.OneToOneField("orgs.Stream", on_delete=models.CASCADE, related_name="+")
    per_second = models.PositiveIntegerField(_("events per second"), validators=[MinValueValidator(1)])
    burst = models.PositiveIntegerField(_("events at once"), validators=[MinValueValidator(1)])
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("limit of a stream")
        verbose_name_plural = _("limits of streams")

    def __str__(self) -> str:
        return f"{self.stream}: {self.per_second}/s"


class ConsentVersion(models.Model):
    """One version of what a property asks of people before it measures them. The newest holds (R10)."""

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(_("version"))
    asks_everywhere = models.BooleanField(_("asks everywhere"), default=False)
    asks_in = models.JSONField(_("asks in these countries"), default=list, blank=True)
    hears_signal = models.BooleanField(_("takes Global Privacy Control for a refusal"), default=True)
    tcf_months = models.PositiveSmallIntegerField(
        _("months for which a consent string agrees"), default=13, db_default=13, help_text=_("0 for ever")
    )
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("version of consent")
        verbose_name_plural = _("versions of consent")
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["property", "version"], name="ingestion_one_consent_version")]

    def __str__(self) -> str:
        return f"{self.property} v{self.version}"


class RememberedConsent(models.Model):
    """What somebody said last about being measured, under a key that tells nobody who it is."""

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.BigIntegerField()
    is_granted = models.BooleanField()
    is_for_ads = models.BooleanField(default=True, db_default=True)
    said_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["property", "key"], name="ingestion_one_consent")]

    def __str__(self) -> str:
        return f"{self.property_id}/{self.key}"


class InsertTurn(models.Model):
    """One row a region: whose turn it is to insert events, by its lock, and the newest moment that was given out.

    `months` is that by the month of the events, which is their partition: what the next block of a month is named by.
    `owners` says which writer has claimed each share of the log.
    """

    newest = models.BigIntegerField()
    months = models.JSONField(default=dict, db_default={})
    owners = models.JSONField(default=dict, db_default={})

    class Meta:
        verbose_name = _("turn to insert")
        verbose_name_plural = _("turns to insert")

    def __str__(self) -> str:
        return str(self.newest)


class Naming(models.Model):
    """How a property names its campaigns."""

    property = models.OneToOneField("orgs.Property", on_delete=models.CASCADE, related_name="+")
    is_lower = models.BooleanField(_("small letters only"), default=False)
    joint = models.CharField(_("between words"), max_length=1, blank=True, default="")
    sources = models.JSONField(_("allowed sources"), default=list, blank=True)
    mediums = models.JSONField(_("allowed mediums"), default=list, blank=True)
    campaign_pattern = models.CharField(_("pattern of campaigns"), max_length=120, blank=True)
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("naming")
        verbose_name_plural = _("namings")

    def __str__(self) -> str:
        return str(self.property)


class AppSite(models.Model):
    """The domain of a property's links that its apps may open, and which apps those are."""

    property = models.OneToOneField("orgs.Property", on_delete=models.CASCADE, related_name="+")
    domain = models.CharField(_("domain of the links"), max_length=253, unique=True)
    ios_apps = models.JSONField(_("iOS apps"), default=list, blank=True)
    android_package = models.CharField(_("Android package"), max_length=255, blank=True)
    android_fingerprints = models.JSONField(_("fingerprints of the Android certificate"), default=list, blank=True)
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("apps of a property")
        verbose_name_plural = _("apps of properties")

    def __str__(self) -> str:
        return self.domain


class FileImport(models.Model):
    """A file that somebody uploaded, how it is to be read, and how far its import is.

    `upload_key` is one for all tries of a program to send it, `fingerprint` for one content under one name, read in
    one way; both are empty for a file of a page.
    """

    class Status(models.TextChoices):
        """What has become of it."""

        LOOKED_AT = "looked_at", _("not imported yet")
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        SUCCEEDED = "succeeded", _("imported")
        FAILED = "failed", _("failed")

    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    stream = models.ForeignKey("orgs.Stream", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("file"), max_length=200)
    size = models.PositiveBigIntegerField()
    said = models.JSONField(default=dict)
    upload_key = models.CharField(max_length=64, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.LOOKED_AT)
    made_by = models.ForeignKey("orgs.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import of a file")
        verbose_name_plural = _("imports of files")
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["property", "upload_key"], condition=~models.Q(upload_key=""), name="one_import_of_an_upload"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_active(self) -> bool:
        """Say whether a task is to do something about it."""
        return self.status in (self.Status.WAITING, self.Status.RUNNING)


class ImportWork(models.Model):
    """What an import works with: the file until it is imported, how far it is, and what was not understood."""

    run = models.OneToOneField(FileImport, on_delete=models.CASCADE, related_name="work", primary_key=True)
    property = models.ForeignKey("orgs.Property", on_delete=models.CASCADE, related_name="+")
    content = models.BinaryField(default=b"")
    state = models.JSONField(default=dict)
    unread = models.JSONField(default=list)
    report = models.TextField(blank=True)
    problem = models.CharField(max_length=1000, blank=True)
    seen_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("work of an import")
        verbose_name_plural = _("work of imports")

    def __str__(self) -> str:
        return str(self.run_id)
