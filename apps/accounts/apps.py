"""Registration of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Sign-in and provisioning."""

    name = "apps.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Have the admin entered by the one door that asks for second factors; put the settings into the menu."""
        from allauth.account.decorators import secure_admin_login
        from django.contrib import admin

        from apps.accounts.hooks import oidc_provider, saml
        from apps.shared.navigation import Entry, register

        saml.install()
        oidc_provider.install()
        register(Entry(_("Sign-in"), "accounts:settings", "log-in", 135, section=_("Organization")))
        admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
