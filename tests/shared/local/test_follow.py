"""Log files are followed by whole lines and kept from growing."""

from pathlib import Path

import pytest

from apps.shared.local.follow import Follower


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "web.log"
    path.write_text("from an earlier run\n")
    return path


def append(path: Path, text: str) -> None:
    with path.open("a") as log:
        log.write(text)


def test_only_new_whole_lines_are_returned(log: Path) -> None:
    follower = Follower(log)
    append(log, "one\ntw")
    first = follower.new_lines()
    append(log, "o\n")

    second = follower.new_lines()

    assert (first, second) == (["one"], ["two"])


def test_large_log_is_copied_aside_and_emptied(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.shared.local.follow.LARGEST", 100)
    follower = Follower(log)
    append(log, "x" * 200 + "\n")

    lines = follower.new_lines()
    append(log, "next\n")

    assert lines == ["x" * 200]
    assert log.with_suffix(".log.1").read_text() == "from an earlier run\n" + "x" * 200 + "\n"
    assert follower.new_lines() == ["next"]
