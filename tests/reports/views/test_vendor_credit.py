"""A vendor's raw-data export, from the file to the credit of its media sources."""

from pathlib import Path

import pytest
from django.core.management import call_command

from apps.attribution import api as attribution
from apps.ingestion import wiring
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog
from tests.ingestion.test_vendor_exports import ANN, APPSFLYER, TOUCHED
from tests.ingestion.test_vendor_exports import write as write_file
from tests.reports.conftest import build
from tests.reports.views.test_reports import table
from tests.reports.views.test_spend import write


def test_installs_of_appsflyer_credit_the_source_that_it_named(
    company: Company, clickhouse: None, valkey: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = MemoryLog()
    monkeypatch.setattr(wiring, "event_log", lambda *_: log)
    monkeypatch.setattr(log, "lag", lambda: 0, raising=False)
    monkeypatch.chdir(tmp_path)
    wiring.property_of().forget()
    organic = {"AppsFlyer ID": "2-bob", "Event Name": "install", "Install Time": "2026-05-02 08:00:00"}
    installs = write_file(tmp_path / "installs.csv", APPSFLYER, [ANN | TOUCHED | {"Event Name": "install"}, organic])
    attribution.create_goal(
        property_id=company.shop.pk,
        made_by=company.ada,
        name="Install",
        event_name="Application Installed",
        kind="track",
    )

    options = ["--property", "fernweh/shop", "--mapping", "appsflyer", "--no-wait"]
    for _ in range(2):
        call_command("import_events", str(installs), *options)
        write(log)
    build(company.shop)

    query = "?from=2026-05-01&to=2026-05-31&by=source"
    grace = company.client_of(company.grace)
    assert [row[:2] for row in table(grace, "breakdown", f"{query}&method=last_touch")[1:]] == [
        ["tiktokglobal_int", "1.0"],
    ]
    by_linear = table(grace, "breakdown", f"{query}&method=linear&view=48")[1:]
    assert {row[0]: row[1] for row in by_linear} == {"tiktokglobal_int": "0.5", "Facebook Ads": "0.5"}
    reasons = {row[0]: row[1] for row in table(grace, "unattributed", query)[1:]}
    assert (reasons["attributed"], reasons["no_touchpoint"]) == ("1", "1")
