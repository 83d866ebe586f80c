"""Machines that other people rely on: every secret is required, every cookie secure."""

from config import env
from config.settings.base import *  # noqa: F403  the one place where a star import is the idiom

DEBUG = False
SECRET_KEY = env.secret("SECRET_KEY")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

for _name in ("DATABASE_URL", "REDIS_URL", *(() if REGIONS else ("CLICKHOUSE_URL", "EVENT_LOG_URL"))):
    env.secret(_name)

SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [
    r"^health$", r"^ready$", r"^metrics$",  # asked from inside, without a proxy
    r"^api/v1/", r"^scim/",  # refused instead: programs are not led on
]  # fmt: skip
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
# Browsers take a cookie of such a name from this very host alone, over TLS.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"

EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
