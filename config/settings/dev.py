"""One machine, everything invented that production must be told."""

from config import env
from config.settings.base import *  # noqa: F403  the one place where a star import is the idiom

DEBUG = env.flag("DEBUG", False)
SECRET_KEY = env.secret("SECRET_KEY", "only-for-one-machine-and-never-for-production")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
INTERNAL_IPS = ["127.0.0.1"]
# Without a mail server nothing leaves this machine: the page /mail/ shows what would have.
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'dummy'}.EmailBackend"
ACCOUNTS_MAIL_PAGE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # http://localhost
REPORTS_DEMO_ALLOWED = True
