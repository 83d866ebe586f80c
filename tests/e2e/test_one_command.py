"""One command starts everything, crashes heal, and every way of stopping leaves a folder that starts again."""

import json
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.shared.local import record
from tests.house import House

PROCESSES = {
    "supervisor", "postgres", "valkey", "event_log", "clickhouse", "web", "collect", "writer", "worker", "beat",
}  # fmt: skip


def read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


def test_every_process_runs_under_the_supervisor(house: House) -> None:
    alive = {entry.name for entry in record.read(house.layout.folder) if entry.is_alive()}

    assert alive == PROCESSES


def test_pages_and_door_say_that_every_store_answers(house: House) -> None:
    for address in (house.web, house.collect):
        body = json.loads(read(f"{address}/ready"))

        assert (body["status"], body["failing"]) == ("ready", [])


def test_sign_in_page_is_served_with_its_assets(house: House) -> None:
    page = read(f"{house.web}/accounts/login/")

    assert 'name="login"' in page
    assert "/static/dist/" in page


def test_figures_of_all_processes_come_from_one_address(house: House) -> None:
    read(f"{house.collect}/health")

    figures = read(f"{house.web}/metrics")

    assert 'api_latency_count{method="GET",route="health",status="200"}' in figures


@pytest.mark.parametrize(
    "name", ["collect", "writer", "worker", "valkey", "event_log", "clickhouse", "postgres", "web"]
)
def test_killed_process_is_back_and_everything_is_ready(house: House, name: str) -> None:
    struck = house.strike(name)

    house.wait_until_back(struck)

    assert not struck.is_alive()
    assert house.entry(name).is_alive()


@pytest.fixture
def own_house() -> Iterator[House]:
    folder = Path(tempfile.mkdtemp(prefix="tributary-own-house-"))
    yield House(folder)
    record.end_left_overs(folder)
    shutil.rmtree(folder)


def test_stop_and_kill_both_leave_a_folder_that_starts_again(own_house: House) -> None:
    own_house.start()
    first = record.read(own_house.layout.folder)
    own_house.kill()
    own_house.output.unlink()
    own_house.start()
    second = record.read(own_house.layout.folder)

    code = own_house.stop()

    assert code == 0
    assert not any(entry.is_alive() for entry in [*first, *second])
    assert "up to date" in own_house.words()
    assert record.read(own_house.layout.folder) == []
