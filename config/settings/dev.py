"""One machine, everything invented that production must be told."""

from config import env
from config.settings.base import *  # noqa: F403  the one place where a star import is the idiom

DEBUG = env.flag("DEBUG", False)
SECRET_KEY = env.secret("SECRET_KEY", "only-for-one-machine-and-never-for-production")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
INTERNAL_IPS = ["127.0.0.1"]
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
ACCOUNT_EMAIL_VERIFICATION = "none"
REPORTS_DEMO_ALLOWED = True
