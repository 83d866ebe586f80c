"""Settings that hold everywhere. `dev`, `test` and `production` override and nothing else."""

from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import env
from config.settings.access import *  # noqa: F403  settings of one feature, in a module of their own
from config.settings.accounts import *  # noqa: F403  a feature's settings live beside, not in, this file
from config.settings.accounts import APPS as ACCOUNT_APPS
from config.settings.regions import *  # noqa: F403
from config.settings.regions import CONSENT_DATABASES, FACT_DATABASES, REGIONAL_VALKEYS, REGIONS

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))
VERSION = "0.1.0"

# Which part of the house this process is: `collect` gets a slim URLconf and middleware.
PROCESS = env.text("TRIBUTARY_PROCESS", "web")

# --- Apps -------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "clickhouse_backend",
    "csp",
    "django_celery_beat",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "django_vite",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "rest_framework",
    "template_partials.apps.SimpleAppConfig",
    "apps.shared",
    "apps.orgs",
    *ACCOUNT_APPS,
    "apps.compliance",
    "apps.ingestion",
    "apps.quality",
    "apps.attribution",
    "apps.reports",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.shared.middleware.RequestContextMiddleware",
    "apps.shared.middleware.PlainProgramsMiddleware",
    "csp.middleware.CSPMiddleware",
    "apps.shared.middleware.AdminPolicyMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.orgs.middleware.BehalfMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.accounts.middleware.SessionActivityMiddleware",
    "apps.accounts.middleware.ProviderAnswersMiddleware",
    "apps.accounts.middleware.SignInRulesMiddleware",
    "apps.orgs.middleware.PropertyMiddleware",
    "apps.shared.region_middleware.RegionMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True

if PROCESS == "collect":
    # Sessions, CSRF and pages have no business at the door of events, and each costs microseconds there; what the
    # writer and the pages do with events afterwards costs megabytes.
    ROOT_URLCONF = "config.urls_collect"
    MIDDLEWARE = ["apps.shared.middleware.RequestContextMiddleware"]
    APPEND_SLASH = False
    _OF_PAGES = {"unfold", "django.contrib.admin", "django_celery_beat", "drf_spectacular", "drf_spectacular_sidecar"}
    _AFTERWARDS = {"apps.quality", "apps.attribution", "apps.reports"}
    INSTALLED_APPS = [app for app in INSTALLED_APPS if app not in _OF_PAGES | _AFTERWARDS | set(ACCOUNT_APPS)]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "apps.shared.context.page",
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
            ],
        },
    }
]
COTTON_DIR = "components"
COTTON_ISOLATE_BY_DEFAULT = True  # a component sees its inputs and what context processors give, nothing else

# --- Databases --------------------------------------------------------------------------------

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **env.database("DATABASE_URL", "postgres://tributary@127.0.0.1:54320/tributary"),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A cursor on the server outlives its statement and with it the words of row-level security (ADR 0030).
        "DISABLE_SERVER_SIDE_CURSORS": True,
    },
    **FACT_DATABASES,
    **CONSENT_DATABASES,
}
DATABASE_ROUTERS = ["apps.shared.routers.StoreRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: cache, broker, live updates; and the event log, an instance of its own -------------

REDIS_URL = env.secret("REDIS_URL", "redis://127.0.0.1:63790/0")
EVENT_LOG_URL = env.secret("EVENT_LOG_URL", "valkey://127.0.0.1:63791/0")

# One of the installation, and one of each region for what was read from its stores.
CACHES = {
    name: {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": "tributary",
    }
    for name, url in {"default": REDIS_URL, **REGIONAL_VALKEYS}.items()
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

CHANNEL_LAYERS = {
    name: {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [url], "prefix": "tributary"},
    }
    for name, url in {"default": REDIS_URL, **REGIONAL_VALKEYS}.items()
}

# --- Celery -----------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
if REGIONS:
    # A queue for each region beside that of the installation: whose work a task is, its arguments say.
    CELERY_TASK_QUEUES = {
        name: {"exchange": "celery", "exchange_type": "direct", "routing_key": name}
        for name in ("celery", *(f"region.{region}" for region in REGIONS))
    }
    CELERY_TASK_ROUTES = ("apps.orgs.tasks.queue_of",)
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
if PROCESS != "collect":
    from config.settings.schedule import *  # noqa: F403  it brings Celery, 10 MB

# --- Pages: language, time, static files --------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ru", _("Russian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "manifest_path": BASE_DIR / "static" / "dist" / ".vite" / "manifest.json",
        "static_url_prefix": "dist",
    }
}

# --- API --------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps.shared.problems.exception_handler",
}
DRF_STANDARDIZED_ERRORS = {"EXCEPTION_FORMATTER_CLASS": "apps.shared.problems.ProblemFormatter"}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tributary",
    "DESCRIPTION": "Send events, and read what they were worth.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "EventState": "apps.reports.event_search.STATES",
        "QuarantineState": "apps.quality.queries.quarantine.STATES",
        "DeliveryState": ["waiting", "delivered", "dead"],
        "PayloadState": ["kept", "expired", "not_kept"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.ingestion.rest.schema.add_collection",
    ],
}

# --- Security ---------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True  # pages carry the token in themselves
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb", "interest-cohort")
}

# --- Collection -------------------------------------------------------------------------------

COLLECT_URL = env.text("COLLECT_URL", "http://127.0.0.1:8001")
# Each worker of collect keeps to a core of its own: half as much again of what it takes, where the machine is its own.
# Not in containers that share one: each would choose the same core.
COLLECT_PIN = env.flag("COLLECT_PIN", default=False)
INGESTION_MAX_EVENT_BYTES = 32 * 1024
INGESTION_MAX_BATCH_BYTES = 500 * 1024
INGESTION_MAX_BATCH_EVENTS = 2500
# One request when what it states once for all its events stands in each of them, as on the log: a context of 30 KB in a
# full batch would be 75 MB.
INGESTION_MAX_UNFOLDED_BYTES = 4 * 1024 * 1024
# How many proxies of ours stand before collect and append to X-Forwarded-For; 0 believes the connection alone. Where a
# proxy lets names with underscores through, a client writes X_Forwarded_For, which WSGI cannot tell apart: let such a
# proxy write a header of its own without a hyphen.
INGESTION_TRUSTED_PROXIES = env.number("INGESTION_TRUSTED_PROXIES", 0)
INGESTION_PROXY_HEADER = env.text("INGESTION_PROXY_HEADER", "X-Forwarded-For")
# What a stream may send when nobody set a limit for it; 0 for what the machines can take.
INGESTION_EVENTS_PER_SECOND = env.number("INGESTION_EVENTS_PER_SECOND", 0)
# A second click of the same machine on the same link within it is the same click; 0 counts each.
INGESTION_DOUBLE_CLICK_MS = env.number("INGESTION_DOUBLE_CLICK_MS", 2000)
INGESTION_DEFERRED_HOURS = env.number("INGESTION_DEFERRED_HOURS", 168)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
INGESTION_LARGEST_FILE = env.number("INGESTION_LARGEST_FILE", 50 * 1024 * 1024)  # uploaded on a page; larger: the shell

# --- Demo -------------------------------------------------------------------------------------

REPORTS_DEMO_ALLOWED = False  # development and tests only: it makes accounts with well-known addresses

# --- Logging ----------------------------------------------------------------------------------

LOGGING_CONFIG = "apps.shared.logs.configure"
LOGGING = {"level": env.text("LOG_LEVEL", "INFO"), "form": env.text("LOG_FORMAT", "json")}
