"""Settings and entry points."""

import os

# The door of events enqueues nothing, and starts a second sooner without Celery.
if os.environ.get("TRIBUTARY_PROCESS") != "collect":
    from config.celery import celery_app as celery_app
