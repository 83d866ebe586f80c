"""The Celery application: tasks of every app, settings from Django."""

import os
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import celeryd_after_setup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

# It warns root of pickled messages; this project's are JSON.
warnings.filterwarnings("ignore", category=SecurityWarning)

# Each task acts for one organization, or says by naming none that it serves them all.
celery_app = Celery("tributary", task_cls="apps.orgs.tasks:OrganizationTask")
celery_app.config_from_object("django.conf:settings", namespace="CELERY")
celery_app.autodiscover_tasks()


@celeryd_after_setup.connect
def leave_other_regions(**_: Any) -> None:
    """Have a worker of one region take that region's work and the installation's, and nobody else's."""
    from apps.orgs.tasks import foreign_queues

    celery_app.amqp.queues.deselect(foreign_queues())
