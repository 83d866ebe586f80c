"""Settings, entry points and the supervisor's list of processes."""

from config.celery import celery_app

__all__ = ["celery_app"]
