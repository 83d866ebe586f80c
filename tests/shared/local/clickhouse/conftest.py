"""A real server on a free port with a folder of its own."""

from collections.abc import Iterator

import pytest
from clickhouse_driver import Client

from tests.clickhouse_server import ClickHouseServer, start_clickhouse


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseServer]:
    """Shared by the tests that do not stop it."""
    server = start_clickhouse(tmp_path_factory.mktemp("clickhouse"))
    yield server
    assert server.stop() == 0
    assert server.failures() == []  # whichever test it was: nothing that a client does is an error of ours


@pytest.fixture
def client(server: ClickHouseServer, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A connection to an empty database of the test's own."""
    name = f"test_{abs(hash(request.node.nodeid)):x}"
    server.execute(f"CREATE DATABASE {name}")
    client = server.client(database=name)
    yield client
    client.disconnect()
    server.execute(f"DROP DATABASE {name}")
