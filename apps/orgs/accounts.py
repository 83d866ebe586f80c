"""How accounts come to be."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Closes the public sign-up unless the operator opens it: strangers do not belong on a company's server."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  allauth passes it by name
        """Tell whether anyone may make an account."""
        return bool(settings.ORGS_OPEN_SIGNUP)
