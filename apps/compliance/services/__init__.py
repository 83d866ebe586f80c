"""What is recorded, whether it is whole, how long it is kept, and where else it goes."""

from apps.compliance.services.delivering import deliver_due, endpoints_due, entry_facts
from apps.compliance.services.record import record
from apps.compliance.services.retention import change_retention, oldest_kept, prune, prune_all
from apps.compliance.services.streaming import (
    KEPT,
    KEPT_UNDELIVERED,
    OVERLAP,
    add_endpoint,
    add_test,
    forget_old_deliveries,
    pause,
    replay,
    resume,
    rotate_secret,
)
from apps.compliance.services.verifying import verify

__all__ = [
    "KEPT",
    "KEPT_UNDELIVERED",
    "OVERLAP",
    "add_endpoint",
    "add_test",
    "change_retention",
    "deliver_due",
    "endpoints_due",
    "entry_facts",
    "forget_old_deliveries",
    "oldest_kept",
    "pause",
    "prune",
    "prune_all",
    "record",
    "replay",
    "resume",
    "rotate_secret",
    "verify",
]
