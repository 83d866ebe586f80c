"""Registration of the app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Sign-in and provisioning."""

    name = "apps.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Let operators into the admin through the one door that asks for second factors and counts attempts."""
        from allauth.account.decorators import secure_admin_login
        from django.contrib import admin

        from apps.accounts.hooks import saml

        saml.install()
        admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
