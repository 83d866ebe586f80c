"""Sending: at once where the mail server answers, later by `send_waiting` where it does not."""

from collections.abc import Mapping
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from apps.shared.mail.compose import compose
from apps.shared.models import Mail

MOST_ATTEMPTS = 10
KEPT = timedelta(days=30)
_PATIENCE = timedelta(days=2)  # a sign-in code is stale long before, an invitation is not
log = structlog.get_logger()


def send(name: str, *, to: str, context: Mapping[str, Any], language: str | None = None) -> Mail:
    """Compose templates/mail/NAME.html for *to* and send it; a server that does not answer is asked again later."""
    composed = compose(name, context, language)
    row = Mail.objects.create(to=to, name=name, subject=composed.subject[:200], text=composed.text, html=composed.html)
    deliver(row)
    return row


def deliver(row: Mail) -> bool:
    """Hand *row* to the mail server and tell whether it took it. What it took is forgotten but for its subject."""
    message = EmailMultiAlternatives(row.subject, row.text, settings.DEFAULT_FROM_EMAIL, [row.to])
    message.attach_alternative(row.html, "text/html")
    row.attempts += 1
    try:
        message.send()
    except (SMTPException, OSError) as error:
        row.failure = f"{type(error).__name__}: {error}"[:300]
        if isinstance(error, SMTPRecipientsRefused):
            row.attempts = MOST_ATTEMPTS
        log.warning("mail_not_sent", mail_id=row.pk, name=row.name, failure=type(error).__name__)
    else:
        row.sent_at, row.failure = timezone.now(), ""
        if not settings.ACCOUNTS_MAIL_PAGE:
            row.text = row.html = ""
    row.save()
    return row.sent_at is not None


def send_waiting() -> int:
    """Try again what waits, drop what is old, and return how many were sent."""
    now = timezone.now()
    Mail.objects.filter(made_at__lt=now - KEPT).delete()
    waiting = Mail.objects.filter(sent_at=None, attempts__gt=0, attempts__lt=MOST_ATTEMPTS, made_at__gt=now - _PATIENCE)
    return sum(deliver(row) for row in waiting.order_by("made_at")[:200])
