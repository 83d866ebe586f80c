"""How accounts come to be."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.orgs import services
from apps.orgs.models import Invitation


class AccountAdapter(DefaultAccountAdapter):
    """Closes the public sign-up unless the operator opens it: strangers do not belong on a company's server."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  allauth passes it by name
        """Tell whether anyone, or the person who opened an invitation in this browser, may make an account."""
        return bool(settings.ORGS_OPEN_SIGNUP) or self._invitation() is not None

    def clean_email(self, email: str) -> str:
        """Refuse another address than the invited one where sign-up is closed."""
        invited = self._invitation()
        if not settings.ORGS_OPEN_SIGNUP and invited is not None and email.strip().lower() != invited.email:
            raise ValidationError(
                _("Use the address that the invitation was sent to: %(email)s.") % {"email": invited.email}
            )
        return super().clean_email(email)

    def _invitation(self) -> Invitation | None:
        session = getattr(self.request, "session", None)
        secret = session.get("invitation") if session is not None else None
        if not secret:
            return None
        try:
            return services.find_invitation(secret, now=timezone.now())
        except services.InvitationGone:
            return None
