"""WSGI entry point: `collect` runs here, under granian."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
django.setup(set_prefix=False)

from config.door import DoorHandler  # noqa: E402  its base reads the settings

application = DoorHandler()
