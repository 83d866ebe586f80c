"""The four stores of one machine as services."""

import sys

from apps.shared.local import postgres, valkey
from apps.shared.local.layout import Layout
from apps.shared.local.ports import LOOPBACK, answers
from apps.shared.local.service import Service


def prepare(layout: Layout) -> list[Service]:
    """Make what the stores need on disk and return them, ready to be started."""
    postgres.prepare(layout)
    return [
        postgres.service(layout),
        valkey.cache_service(layout),
        valkey.event_log_service(layout),
        clickhouse_service(layout),
    ]


def clickhouse_service(layout: Layout) -> Service:
    """Return the listener in front of the ClickHouse engine."""
    folder, port, password = layout.folder / "clickhouse", layout.ports.clickhouse, layout.secrets.clickhouse
    return Service(
        name="clickhouse",
        command=(sys.executable, "-m", "apps.shared.local.clickhouse", "--data", str(folder), "--port", str(port)),
        environment={"CLICKHOUSE_USER": "tributary", "CLICKHOUSE_PASSWORD": password},
        is_ready=lambda: _answers_query(port, password),
        patience=30.0,
        ready_within=90.0,
    )


def _answers_query(port: int, password: str) -> bool:
    if not answers(port):
        return False  # the driver would write a traceback for each refusal
    from clickhouse_driver import Client
    from clickhouse_driver.errors import Error

    client = Client(LOOPBACK, port=port, user="tributary", password=password, connect_timeout=1, send_receive_timeout=5)
    try:
        client.execute("SELECT 1")
    except (Error, OSError, EOFError):
        return False
    finally:
        client.disconnect()
    return True
