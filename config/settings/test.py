"""Tests: real stores, named by the same variables; fast password hashing and mail kept in memory."""

from config import env
from config.settings.base import *  # noqa: F403  the one place where a star import is the idiom

# Valkey's channels know no databases: the prefix keeps parallel workers apart.
_CORNER = env.text("TEST_CORNER", "tests")
for _name, _url in {"default": REDIS_URL, **REGIONAL_VALKEYS}.items():
    CHANNEL_LAYERS[_name] |= {"CONFIG": {"hosts": [_url], "prefix": _CORNER}}
    CACHES[_name] |= {"KEY_PREFIX": _CORNER}

DEBUG = False
SECRET_KEY = "only-for-tests"  # noqa: S105  no secret: it protects nothing but test sessions
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ACCOUNT_RATE_LIMITS = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
REPORTS_DEMO_ALLOWED = True
# Nothing is collected: browser tests run the real processes, with settings of their own.
STATIC_ROOT: Path | None = None  # type: ignore[no-redef]
