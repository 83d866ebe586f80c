"""Tests of the browser SDK say at once when what they would test is not what was written."""

import os
from pathlib import Path

import pytest

from tests.sdks import built


@pytest.mark.parametrize(("age", "says"), [(-5, "older than its sources"), (5, "")])
def test_build_that_is_older_than_its_sources_is_named_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: int, says: str
) -> None:
    monkeypatch.setattr(built, "_is_stamped", lambda: False)
    (tmp_path / "src").mkdir()
    source, served = tmp_path / "src" / "client.js", tmp_path / "tributary.js"
    source.write_text("new")
    served.write_text("built")
    os.utime(source, (1_000, 1_000))
    os.utime(served, (1_000 + age, 1_000 + age))

    said = built.complaint(tmp_path, (served,))

    assert says in said
    assert ("npm run build" in said) == bool(says)


def test_build_that_is_missing_is_named_with_the_command(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "client.js").write_text("new")

    said = built.complaint(tmp_path, (tmp_path / "tributary.js",))

    assert said == "The browser SDK is not built (tributary.js): run `npm run build`."
