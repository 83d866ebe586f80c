"""Settings and entry points."""

import os
import sys

# The driver of ClickHouse otherwise makes a table of every day of four centuries, 23 MB in each process.
os.environ.setdefault("CLICKHOUSE_DRIVER_LASY_DATE_LUT", "1")

# The door of events enqueues nothing, and starts a second sooner without Celery.
if os.environ.get("TRIBUTARY_PROCESS") != "collect":
    from config.celery import celery_app as celery_app
else:
    # structlog takes both up where they are installed, which they are for others: 9 MB that the door never uses.
    for _name in ("twisted", "rich"):
        sys.modules[_name] = None  # type: ignore[assignment]  # Python's own way to say: not here
