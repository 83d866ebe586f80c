"""What runs later and belongs to no context."""

from celery import shared_task

from apps.shared import mail


@shared_task(name="shared.send_waiting_mail")
def send_waiting_mail() -> None:
    """Try again the mail that a server did not take."""
    mail.send_waiting()
