"""The addresses that receive the record, and what is on its way to them."""

import base64
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.compliance.models import AuditDelivery, AuditEndpoint

MOST_ENDPOINTS = 5
OVERLAP = timedelta(days=7)
KEPT, KEPT_UNDELIVERED = timedelta(days=30), timedelta(days=90)


def add_endpoint(*, organization_id: int, url: str) -> AuditEndpoint:
    """Stream the record to *url* from now on. Raises ValidationError. Its secret is shown to whoever adds it, once."""
    url = checked_url(url)
    rows = AuditEndpoint.objects.filter(organization_id=organization_id)
    if rows.filter(url=url).exists():
        raise ValidationError({"url": _("The record goes to this address already.")})
    if rows.count() >= MOST_ENDPOINTS:
        raise ValidationError({"url": _("At most %(most)s addresses.") % {"most": MOST_ENDPOINTS}})
    return AuditEndpoint.objects.create(organization_id=organization_id, url=url, secret=new_secret())


def checked_url(url: str) -> str:
    """Return *url* when it may be posted to; where it leads, every delivery looks. Raises ValidationError."""
    parts = urlsplit(url)
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= 500
    if not is_plain or not parts.hostname or parts.username is not None or parts.password is not None:
        raise ValidationError({"url": _("Give a plain https address, without a name or password in it.")})
    from apps.shared import guarded_http  # its libraries take megabytes, also in processes that never ask anybody

    if parts.scheme != "https" and not guarded_http.is_private_allowed(url):
        raise ValidationError({"url": _("Only addresses that begin with https:// are allowed.")})
    return url.partition("#")[0]


def new_secret() -> str:
    """Return a secret of 256 random bits, written as Standard Webhooks do."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def rotate_secret(endpoint: AuditEndpoint, *, now: datetime) -> None:
    """Sign with a new secret; the one before signs as well for `OVERLAP`, so that the receiver can change over."""
    endpoint.retired_secret, endpoint.retired_until = endpoint.secret, now + OVERLAP
    endpoint.secret = new_secret()
    endpoint.save(update_fields=["secret", "retired_secret", "retired_until"])


def signing_secrets(endpoint: AuditEndpoint, *, now: datetime) -> list[str]:
    """Return what signs now, the newest first."""
    is_valid = endpoint.retired_secret and endpoint.retired_until and now < endpoint.retired_until
    return [endpoint.secret, *([endpoint.retired_secret] if is_valid else [])]


def pause(endpoint: AuditEndpoint, *, now: datetime) -> None:
    """Deliver nothing until somebody resumes; what is recorded meanwhile waits."""
    endpoint.paused_at = endpoint.paused_at or now
    endpoint.save(update_fields=["paused_at"])


def resume(endpoint: AuditEndpoint, *, now: datetime) -> None:
    """Deliver again, beginning with what waits."""
    endpoint.paused_at, endpoint.failures, endpoint.failing_since = None, 0, None
    endpoint.save(update_fields=["paused_at", "failures", "failing_since"])
    endpoint.deliveries.filter(state=AuditDelivery.State.WAITING).update(next_at=now)


def add_test(endpoint: AuditEndpoint, *, now: datetime) -> AuditDelivery:
    """Put a message on its way that says nothing."""
    return endpoint.deliveries.create(next_at=now, made_at=now)


def replay(endpoint: AuditEndpoint, *, delivery_id: int | None, now: datetime) -> int:
    """Send one delivery again, or all that were given up, and return how many: with the ids that they had before."""
    rows = endpoint.deliveries.exclude(state=AuditDelivery.State.WAITING)
    rows = rows.filter(pk=delivery_id) if delivery_id else rows.filter(state=AuditDelivery.State.DEAD)
    return rows.update(state=AuditDelivery.State.WAITING, attempts=0, next_at=now)


def forget_old_deliveries(*, now: datetime) -> int:
    """Delete deliveries that are long over, and return how many: the record itself is not touched."""
    over = Q(state=AuditDelivery.State.DELIVERED, made_at__lt=now - KEPT) | Q(made_at__lt=now - KEPT_UNDELIVERED)
    return AuditDelivery.objects.filter(over).delete()[0]
