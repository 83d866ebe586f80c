"""Every part stops answering for a while under load, and nothing is acknowledged that is not kept (R1, R2, R12)."""

import signal
import time

import pytest

from tests.faults.conftest import STOPPED, Figures
from tests.faults.counting import load
from tests.ingestion.chaos_house import House
from tests.ingestion.processes import wait_until

PARTS = ("collect", "writer", "event_log", "clickhouse", "postgres", "valkey", "worker")
NEEDED = {"collect", "event_log"}  # without the others the door goes on

pytestmark = [pytest.mark.chaos, pytest.mark.e2e, pytest.mark.xdist_group("house")]


@pytest.mark.parametrize("part", PARTS)
def test_part_that_hangs_makes_no_false_acknowledgement(house: House, figures: Figures, part: str) -> None:
    with load(house, f"hang-{part}-") as sent:
        wait_until(lambda: len(sent.acknowledged()) > 50, 30)
        house.signal(part, signal.SIGSTOP)
        try:
            time.sleep(0.5)  # answers that were on their way
            before = len(sent.acknowledged())
            time.sleep(STOPPED)
            meanwhile = len(sent.acknowledged()) - before
        finally:
            house.signal(part, signal.SIGCONT)
        began, known = time.monotonic(), len(sent.acknowledged())
        wait_until(lambda: len(sent.acknowledged()) > known + 20, 30, lambda: str(sent.refusals()))
        recovered = time.monotonic() - began
        found = sent.finish()

    figures.add(
        f"{part} hangs for {STOPPED:.0f} s (SIGSTOP)",
        f"{found}; {meanwhile:,} acknowledged meanwhile; accepting again after {recovered:.1f} s",
    )
    assert (meanwhile == 0) is (part in NEEDED), meanwhile
    assert recovered < 10
