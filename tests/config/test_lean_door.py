"""The door of events loads what it needs, and not what pages, writer and worker need: each library is megabytes."""

import os
import subprocess
import sys

from apps.shared.local.layout import ROOT

_ASK = """
import sys
from config.wsgi import application
from django.urls import get_resolver
assert get_resolver().url_patterns
print(*sorted({name for name, module in sys.modules.items() if module is not None}))
"""
FOREIGN = {"celery", "twisted", "rich", "redis", "httpx", "jsonschema", "mjml", "css_inline", "scipy", "polars"}
FOREIGN_APPS = {"apps.attribution", "apps.quality", "apps.reports", "apps.accounts"}


def test_door_loads_no_library_of_others() -> None:
    environ = {**os.environ, "TRIBUTARY_PROCESS": "collect", "DJANGO_SETTINGS_MODULE": "config.settings.dev"}

    asked = subprocess.run(
        [sys.executable, "-c", _ASK], check=False, cwd=ROOT, env=environ, capture_output=True, text=True
    )

    loaded = set(asked.stdout.split())
    assert "apps.ingestion.rest.views" in loaded, asked.stderr[-2_000:]
    assert (FOREIGN & loaded, FOREIGN_APPS & loaded) == (set(), set())
