"""Settings of accounts: passwords, codes, second factors, single sign-on, mail, secrets at rest."""

from datetime import timedelta
from typing import Any

from config import env

APPS = [
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "allauth.usersessions",
    "apps.accounts",
]

AUTH_USER_MODEL = "orgs.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "apps.accounts.password_words.ProductWordsValidator"},
]
LOGIN_REDIRECT_URL = "orgs:home"
LOGIN_URL = "account_login"

# --- Who may have an account, and how it proves its address -------------------------------------

ORGS_OPEN_SIGNUP = env.flag("ORGS_OPEN_SIGNUP", False)
ACCOUNT_ADAPTER = "apps.accounts.hooks.account.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 600
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS: Any = {
    "login_failed": "30/m/ip,10/10m/key",
    "request_login_code": "20/m/ip,3/m/key",
    "reset_password": "20/m/ip,5/10m/key",
    "signup": "20/m/ip",
}
# How many proxies of ours stand before `web` and append to X-Forwarded-For; 0 believes the connection alone.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("WEB_TRUSTED_PROXIES", 0)

# --- Second factors, sessions -------------------------------------------------------------------

MFA_ADAPTER = "apps.accounts.hooks.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Tributary"
MFA_FORMS = {"add_webauthn": "apps.accounts.forms.passkey.PasskeyForm"}
USERSESSIONS_TRACK_ACTIVITY = True
# Whoever was away for a week, or signed in a fortnight ago, signs in again.
SESSION_IDLE, SESSION_LONGEST = timedelta(days=7), timedelta(days=14)
SESSION_COOKIE_AGE = int(SESSION_LONGEST.total_seconds())

# --- Single sign-on -----------------------------------------------------------------------------

SOCIALACCOUNT_ADAPTER = "apps.accounts.hooks.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_EMAIL_REQUIRED = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "provider_class": "apps.accounts.hooks.oidc_provider.OrganizationProvider",
    },
    "saml": {"provider_class": "apps.accounts.hooks.saml.OrganizationSamlProvider"},
}
# Identity providers are asked over https at public addresses; those inside the company's network go here: host:port.
ACCOUNTS_PRIVATE_HOSTS = env.words("ACCOUNTS_PRIVATE_HOSTS")
ACCOUNTS_NAMESERVERS = env.words("ACCOUNTS_NAMESERVERS")  # who is asked for TXT records; empty: the machine's own

# --- Mail ---------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Tributary <tributary@localhost>")
EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 15
ACCOUNTS_MAIL_PAGE = False  # development only: it shows what was sent, sign-in codes too

# --- Secrets at rest ----------------------------------------------------------------------------

# Long random texts, the newest first; see apps/shared/encryption.py.
SECRETS_KEYS = env.secret("SECRETS_KEYS", "").replace(",", " ").split()
