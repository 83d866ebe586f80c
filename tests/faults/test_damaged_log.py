"""Bits that flip on the log's disk, tails that tear, repeats: set aside, counted, found, nothing lost (R1, R2, R9)."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from apps.shared.local.layout import ROOT
from tests.faults.conftest import Figures
from tests.faults.counting import load
from tests.ingestion.chaos_house import House
from tests.ingestion.processes import wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.e2e, pytest.mark.xdist_group("house")]


def file_of_commands(house: House) -> Path:
    """Return the file that the log writes now."""
    return max(
        (house.layout.folder / "event_log" / "appendonlydir").glob("*.incr.aof"), key=lambda one: one.stat().st_mtime
    )


def stop_log(house: House) -> None:
    """Kill the log at once."""
    os.killpg(house.running["event_log"].pid, signal.SIGKILL)
    house.running["event_log"].process.wait()


def test_damage_on_the_disk_of_the_log_costs_what_it_hit_and_is_found(house: House, figures: Figures) -> None:
    house.processes["writer"].kill()  # so that everything is still on the log
    with load(house, "flip-", senders=2) as sent:
        wait_until(lambda: len(sent.acknowledged()) > 600, 60)
        sent.stop.set()
        for sender in sent.senders:
            sender.join(30)
    acknowledged = sent.acknowledged()
    stop_log(house)
    path = file_of_commands(house)
    content = bytearray(path.read_bytes())
    # A bit inside three bodies, where the server sees nothing; one in the length of a part, where it refuses to start;
    # and half a command at the end, as a crash leaves it.
    # All within what is on the log now: other tests may have filled the file before.
    begin = content.index(b"flip-")
    places = [begin + int((len(content) - begin) * share) for share in (0.3, 0.5, 0.7, 0.85)]
    hits = [content.index(b'"type":"track"', place) for place in places[:3]]
    for hit in hits:
        content[hit + 9] ^= 0x02
    framing = content.index(b"\r\nXADD\r\n", places[3]) - 1
    content[framing] ^= 0x01
    content += b"*5\r\n$4\r\nXADD\r\n$6\r\neve"
    path.write_bytes(content)

    refused = subprocess.run([*house.services["event_log"].command], capture_output=True, timeout=60, check=False)
    assert refused.returncode != 0, "the server takes a damaged file"
    mended = subprocess.run(
        [sys.executable, "-m", "apps.shared.local.mending", str(path.parents[1])],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    house.running["event_log"] = house.start(house.services["event_log"])
    house.processes["writer"].start()
    wait_until(lambda: house.waiting() == 0, 120, house.processes["writer"].said)

    rows = Counter(house.rows("flip-"))
    lost = acknowledged - set(rows)
    found = house.select("SELECT detail, payload FROM outcomes WHERE reason = 'unreadable' AND payload LIKE '%flip-%'")
    aside = path.with_suffix(".aof.damaged").read_bytes()
    named = {one for one in lost if any(f'"{one}"' in payload for _, payload in found) or f'"{one}"'.encode() in aside}
    figures.add(
        "3 bits flipped in bodies, 1 in the framing, and a torn tail",
        f"{len(acknowledged):,} acknowledged, {len(rows):,} stored once; {len(found)} deliveries quarantined "
        f"with their content, {mended.stdout.strip().split(': ')[1]}; "
        f"of {len(lost)} events hit, {len(named)} can be read there",
    )
    assert len(found) == len(hits)
    assert all("checksum" in detail for detail, _ in found)
    assert max(rows.values()) == 1
    assert set(rows) <= acknowledged | set().union(*(sender.unsure for sender in sent.senders))
    assert len(lost) < 60 * 5, "only the deliveries that were hit"
    # Each hit one flips one byte of one event: all the others of its delivery can be read where they were set aside.
    assert len(lost) - len(named) <= len(hits) + 1
    assert "2 pieces" in mended.stdout


def test_same_batch_five_times_in_parallel_and_across_restarts_and_a_week_counts_once(
    house: House, figures: Figures
) -> None:
    ids = [f"again-{number}" for number in range(40)]
    with load(house, "other-", senders=1) as sent:
        sender = sent.senders[0]

        def send() -> bool:
            deadline = time.monotonic() + 120  # a part that was just killed first has to come up again
            while time.monotonic() < deadline:
                if sender.sends(ids):
                    return True
                time.sleep(0.2)
            return False

        with ThreadPoolExecutor(5) as pool:
            assert all(pool.map(lambda _: send(), range(5)))
        for part in ("writer", "collect", "event_log", "clickhouse"):
            house.kill_and_restart(part)
            assert send()
        sender.acknowledged -= set(ids)
        sent.finish()

    week = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
    later = "not tried a week later: no libfaketime"
    if week.exists():
        moved = {"LD_PRELOAD": str(week), "FAKETIME": "+7d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        for name in ("collect", "writer"):
            process = house.processes[name]
            process.stop()
            process.environment.update(moved)
            process.start()
        assert send()
        wait_until(lambda: house.waiting() == 0, 60, house.processes["writer"].said)
        for name in ("collect", "writer"):
            process = house.processes[name]
            process.stop()
            for variable in moved:
                del process.environment[variable]
            process.start()
        later = "and once 7 days later by the clocks of door and writer"
    wait_until(lambda: house.waiting() == 0, 60, house.processes["writer"].said)

    rows = Counter(house.rows("again-"))
    ((ends,),) = house.select("SELECT count() FROM outcomes WHERE reason = 'duplicate' AND message_id LIKE 'again-%'")
    figures.add(
        "the same 40 events 5 times in parallel, and after each of 4 restarts",
        f"{later}: {len(rows)} rows, {ends} ends as duplicate",
    )
    assert rows == Counter(ids)
    assert ends >= 40 * 8
