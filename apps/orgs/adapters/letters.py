"""Letters by mail."""

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from apps.orgs.models import Invitation


def send_invitation(invitation: Invitation, *, url: str) -> None:
    """Send the letter that makes somebody a member. Raises OSError when the mail server does not take it."""
    name = " ".join(invitation.organization.name.split())  # a line break would begin another header
    subject = _("You are invited to %(organization)s") % {"organization": name}
    context = {"invitation": invitation, "organization": name, "url": url}
    send_mail(subject, render_to_string("emails/invitation.txt", context), None, [invitation.email])
