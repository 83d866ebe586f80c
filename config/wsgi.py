"""WSGI entry point: `collect` runs here, under granian."""

import gc
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402  Django must be set up before

from apps.shared import behalf, cores  # noqa: E402
from config.door import DoorHandler  # noqa: E402  its base reads the settings

# Whose an event is, its write key decides: it is looked up among everybody's.
behalf.serve_everybody()
application = DoorHandler()
if settings.COLLECT_PIN:
    cores.keep_to_one()

# What was loaded lives as long as the process, and what an event leaves behind needs no search for cycles.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)
