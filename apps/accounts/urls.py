"""Addresses of sign-in beside allauth's."""

from django.urls import path

from apps.accounts.scim import views as scim
from apps.accounts.views import entering, leaving, mail, sessions, settings, single_sign_on

app_name = "accounts"
_SETTINGS = "o/<slug:organization>/sign-in/"
urlpatterns = [
    path("accounts/sso/", single_sign_on.begin, name="sso"),
    path("accounts/signed-out/", leaving.signed_out, name="signed-out"),
    # Before allauth's own, which believes requests that nobody signed.
    path("accounts/oidc/<str:key>/back-channel/", leaving.back_channel, name="back-channel"),
    path("accounts/saml/<str:key>/sls/", leaving.single_logout, name="single-logout"),
    path("accounts/enter/<slug:organization>/", entering.enter, name="enter"),
    path("accounts/sessions/<int:pk>/end/", sessions.end_session, name="session-end"),
    path(_SETTINGS, settings.show, name="settings"),
    path(f"{_SETTINGS}rules/", settings.save_rules, name="rules-save"),
    path(f"{_SETTINGS}domains/", settings.add_domain, name="domain-add"),
    path(f"{_SETTINGS}domains/<int:domain_id>/verify/", settings.verify_domain, name="domain-verify"),
    path(f"{_SETTINGS}domains/<int:domain_id>/remove/", settings.remove_domain, name="domain-remove"),
    path(f"{_SETTINGS}provider/", settings.provider, name="provider"),
    path(f"{_SETTINGS}provider/refresh/", settings.refresh_provider, name="provider-refresh"),
    path(f"{_SETTINGS}provider/remove/", settings.remove_provider, name="provider-remove"),
    path(f"{_SETTINGS}tokens/", settings.make_token, name="token-make"),
    path(f"{_SETTINGS}tokens/<int:token_id>/remove/", settings.remove_token, name="token-remove"),
    path("scim/v2/", scim.answer, name="scim-root"),
    path("scim/v2/<path:path>", scim.answer, name="scim"),
    path("mail/", mail.list_mail, name="mail-list"),
    path("mail/<int:pk>/", mail.show_mail, name="mail-detail"),
    path("mail/<int:pk>/page/", mail.show_mail_page, name="mail-page"),
]
