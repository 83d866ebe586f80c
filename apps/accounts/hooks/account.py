"""Accounts: who may make one, the mail they cause, and who is told of a lock-out."""

from typing import Any

from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from apps.accounts.hooks.claims import join_by
from apps.accounts.services.leaving import note_beginning
from apps.accounts.services.ways_out import way_out
from apps.orgs.accounts import InvitedAccounts
from apps.shared import mail

_NOTICE_PAUSE = 15 * 60  # seconds between two notices of attempts to one person


class AccountAdapter(InvitedAccounts):
    """Sends mail in our own clothes, tells of lock-outs, and joins who came through single sign-on."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send the message that allauth calls *template_prefix*, such as account/email/login_code."""
        mail.send(template_prefix.rpartition("/")[2], to=email, context={"email": email, **context})

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count an attempt; when there were too many, refuse it and tell the account's owner once."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            self._tell_of_attempts(str(credentials.get("email", "")))
            raise

    def post_login(self, request: HttpRequest, user: Any, **details: Any) -> HttpResponse:
        """Make who came through an organization's identity provider a member of it."""
        login = (details.get("signal_kwargs") or {}).get("sociallogin")
        if login is not None:
            join_by(login, user)
            note_beginning(request.session, login.account)
        return super().post_login(request, user, **details)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Lead who came through single sign-on to the provider, so that they are signed out there too."""
        return way_out(request) or str(super().get_logout_redirect_url(request))

    def _tell_of_attempts(self, email: str) -> None:
        address = EmailAddress.objects.filter(email=email.lower(), verified=True).first()
        if address is None or not cache.add(f"accounts:told-of-attempts:{address.pk}", 1, _NOTICE_PAUSE):
            return
        context = {
            "ip": self.get_client_ip(self.request),
            "user_agent": self.get_http_user_agent(self.request)[:200],
            "timestamp": timezone.now(),
        }
        mail.send("too_many_attempts", to=address.email, context=context)
