"""Addresses of sign-in beside allauth's."""

from django.urls import path

from apps.accounts.views import entering, mail, sessions, single_sign_on

app_name = "accounts"
urlpatterns = [
    path("accounts/sso/", single_sign_on.begin, name="sso"),
    path("accounts/enter/<slug:organization>/", entering.enter, name="enter"),
    path("accounts/sessions/<int:pk>/end/", sessions.end_session, name="session-end"),
    path("mail/", mail.list_mail, name="mail-list"),
    path("mail/<int:pk>/", mail.show_mail, name="mail-detail"),
    path("mail/<int:pk>/page/", mail.show_mail_page, name="mail-page"),
]
