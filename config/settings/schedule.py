"""What beat starts, and when."""

from datetime import timedelta

from celery.schedules import crontab

CELERY_BEAT_SCHEDULE = {
    "build-journeys-everywhere": {"task": "attribution.build_all_journeys", "schedule": timedelta(minutes=5)},
    "send-waiting-mail": {"task": "shared.send_waiting_mail", "schedule": timedelta(minutes=1)},
    "retrain-methods": {"task": "attribution.retrain_methods", "schedule": crontab(hour="2", minute="30")},
    "watch-streams": {"task": "quality.watch_streams", "schedule": timedelta(minutes=15)},
    "resume-imports": {"task": "ingestion.resume_imports", "schedule": timedelta(minutes=5)},
    "learn-schemas": {"task": "quality.learn_all_schemas", "schedule": timedelta(hours=1)},
    "refresh-providers": {"task": "accounts.refresh_providers", "schedule": crontab(hour="3", minute="10")},
    "stream-records": {"task": "compliance.stream_records", "schedule": timedelta(seconds=10)},
    "prune-record": {"task": "compliance.prune_record", "schedule": crontab(hour="3", minute="40")},
    "delete-due-organizations": {"task": "orgs.delete_due_organizations", "schedule": timedelta(hours=1)},
}
