"""Segment's official clients, unmodified, against a real door and a real writer."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from segment.analytics import Client as SegmentClient

from apps.shared import clickhouse
from tests.factories.company import Company
from tests.ingestion.processes import Process, wait_until
from tests.packages import install_node_packages

NODE = Path(__file__).parent / "node"
CALLS = ["alias", "group", "identify", "page", "screen", "track"]

pytestmark = [pytest.mark.stores, pytest.mark.clickhouse]


def kinds_of(company: Company, library: str) -> list[str]:
    sql = """
        SELECT kind FROM events
        WHERE property_id = {property_id:UInt64} AND JSONExtractString(context, 'library', 'name') = {library:String}
        ORDER BY kind
    """
    return clickhouse.select(sql, str, property_id=company.shop.pk, library=library)


@pytest.mark.parametrize("gzip", [False, True])
def test_python_client_delivers_every_call(
    living_company: Company, running_collect: Process, running_writer: Process, gzip: bool
) -> None:
    errors: list[object] = []
    client = SegmentClient(
        living_company.shop.streams.get().write_key,
        host=f"http://127.0.0.1:{running_collect.port}",
        on_error=lambda error, items: errors.append((error, items)),
        gzip=gzip,
        max_retries=1,
    )
    client.identify("ann", {"plan": "pro"})
    client.track("ann", "Order Completed", {"revenue": 12.5, "currency": "EUR", "order_id": "o-1"})
    client.page("ann", "Docs", "Start", {"url": "https://shop.example/docs"})
    client.screen("ann", "Docs", "Start")
    client.group("ann", "acme", {"name": "Acme"})
    client.alias("anon-1", "ann")
    client.shutdown()

    assert errors == []
    wait_until(lambda: kinds_of(living_company, "analytics-python") == CALLS, 30, running_writer.said)
    sql = "SELECT value, currency, order_id FROM events WHERE property_id = {property_id:UInt64} AND kind = 'track'"
    rows = clickhouse.select(sql, lambda *row: row, property_id=living_company.shop.pk)
    assert [(str(value.normalize()), currency, order) for value, currency, order in rows] == [("12.5", "EUR", "o-1")]


@pytest.fixture(scope="module")
def node_client() -> Path:
    """The Node client, installed from its lock file."""
    install_node_packages(NODE)
    return NODE / "send.mjs"


def test_node_client_delivers_every_call(
    living_company: Company, running_collect: Process, running_writer: Process, node_client: Path
) -> None:
    environment = {
        **os.environ,
        "WRITE_KEY": living_company.shop.streams.get().write_key,
        "HOST": f"http://127.0.0.1:{running_collect.port}",
    }

    done = subprocess.run(
        ["node", str(node_client)], env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"delivered": 6, "errors": []}
    wait_until(lambda: kinds_of(living_company, "@segment/analytics-node") == CALLS, 30, running_writer.said)
