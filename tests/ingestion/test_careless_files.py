"""Files as people and vendors make them without care: read as they are meant, or refused with a word."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from apps.ingestion.domain import instants
from tests.ingestion.test_odd_files import PAIRS, rejected


def imported(run: Any, folder: Path, text: str, *options: str, name: str = "a.csv") -> list[dict[str, Any]]:
    """Import *text* and return its events."""
    file = folder / name
    file.write_text(text)
    return run(file, *options)


def refused(folder: Path, name: str = "a.csv") -> list[tuple[str, str]]:
    """Return row and reason of what was not taken."""
    return [(one["row"], one["reason"]) for one in rejected(folder / name)]


def moment(text: str) -> str:
    """Return a time as its reader understands it."""
    return datetime.fromtimestamp(instants.milliseconds(text) / 1000, UTC).isoformat()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("1712011231200", "2024-04-01T22:40:31.200000+00:00"),
        ("20260501", "2026-04-30T22:00:00+00:00"),
        ("2026-05-01 10:00:00 GMT", "2026-05-01T10:00:00+00:00"),
        ("2026-05-01 10:00:00.000 UTC", "2026-05-01T10:00:00+00:00"),
        ("2026-05-01 10:00:00 +0300", "2026-05-01T07:00:00+00:00"),
        (" 2026-05-01 10:00 ", "2026-05-01T08:00:00+00:00"),
        ("2026-05-01 10:00", "2026-05-01T08:00:00+00:00"),
        ("1767225600", "2026-01-01T00:00:00+00:00"),
        ("1767225600.5", "2026-01-01T00:00:00.500000+00:00"),
    ],
)
def test_time_is_read_as_it_is_meant(run: Any, tmp_path: Path, said: str, meant: str) -> None:
    (event,) = imported(run, tmp_path, f"who,at,paid\na,{said},1\n", *PAIRS, "--time-zone", "Europe/Berlin")

    assert moment(event["timestamp"]) == meant


def test_milliseconds_in_a_text_are_never_a_date() -> None:
    """One number in two hundred reads as a time of the year 1712, too."""
    for number in range(1_700_000_000_000, 1_800_000_000_000, 7_654_321):
        assert instants.milliseconds(str(number)) == number


def test_times_with_an_offset_of_their_own_keep_it(run: Any, tmp_path: Path) -> None:
    text = "who,at,paid\na,01.05.2026 10:00 +0300,1\n"

    (event,) = imported(run, tmp_path, text, *PAIRS, "--time-format", "%d.%m.%Y %H:%M %z")

    assert moment(event["timestamp"]) == "2026-05-01T07:00:00+00:00"
