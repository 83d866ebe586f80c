"""The Celery application: tasks of every app, settings from Django."""

import os
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

# It warns root of pickled messages; this project's are JSON.
warnings.filterwarnings("ignore", category=SecurityWarning)

# Each task acts for one organization, or says by naming none that it serves them all.
celery_app = Celery("tributary", task_cls="apps.orgs.tasks:OrganizationTask")
celery_app.config_from_object("django.conf:settings", namespace="CELERY")
celery_app.autodiscover_tasks()
