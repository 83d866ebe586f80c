"""`REGIONS=eu,us make up`: further stores on one machine, in folders and on ports of their own."""

from pathlib import Path

from apps.shared.local import processes, regions
from apps.shared.local.layout import Layout, Ports, Secrets

CHOSEN = {"REGIONS": "eu,us-east,ap", "CLICKHOUSE_PORT_AP": "7777"}


def layout(folder: Path) -> Layout:
    return Layout(folder, Ports(collect=9, valkey=2, event_log=3, clickhouse=4), Secrets("p", "v", "c", "s", "a"))


def test_first_region_keeps_the_stores_that_are_there(tmp_path: Path) -> None:
    first, second, third = regions.layouts(layout(tmp_path), CHOSEN).values()

    assert first.folder == tmp_path
    assert (second.folder, second.ports.clickhouse, third.ports.event_log) == (
        tmp_path / "regions" / "us-east", 104, 203,
    )  # fmt: skip
    assert regions.named_ports(layout(tmp_path), CHOSEN)["CLICKHOUSE_PORT_AP"] == 7777
    names = [service.name for service in regions.services(layout(tmp_path), {"REGIONS": "eu,us"})]
    assert names == ["valkey-us", "event_log-us", "clickhouse-us"]


def test_every_process_is_told_of_every_region(tmp_path: Path) -> None:
    told = processes.environment(layout(tmp_path), CHOSEN)

    assert told["REGIONS"] == "eu,us-east,ap"
    assert told["EVENT_LOG_URL_US_EAST"] == "valkey://:v@127.0.0.1:103/0"
    assert told["COLLECT_URL_AP"] == told["COLLECT_URL"] == "http://127.0.0.1:9"
    assert not {"CLICKHOUSE_URL", "EVENT_LOG_URL"} & set(told)
    _doors, behind = processes.groups(layout(tmp_path), told)
    assert [one.name for one in behind if "writer" in one.name] == ["writer-eu", "writer-us-east", "writer-ap"]


def test_without_regions_nothing_is_added(tmp_path: Path) -> None:
    told = processes.environment(layout(tmp_path), {})

    assert {"CLICKHOUSE_URL", "EVENT_LOG_URL"} <= set(told)
    assert [name for name in told if "REGION" in name] == []
    assert regions.services(layout(tmp_path), {}) == []
