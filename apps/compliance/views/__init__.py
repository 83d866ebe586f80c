"""Pages of the record: what was done, how long it is kept, where else it goes."""

from apps.compliance.views.keeping import keeping
from apps.compliance.views.record import record, record_export
from apps.compliance.views.stream import (
    delete_endpoint,
    endpoint,
    endpoints,
    pause_endpoint,
    replay,
    resume_endpoint,
    rotate_secret,
    test_endpoint,
)

__all__ = [
    "delete_endpoint",
    "endpoint",
    "endpoints",
    "keeping",
    "pause_endpoint",
    "record",
    "record_export",
    "replay",
    "resume_endpoint",
    "rotate_secret",
    "test_endpoint",
]
