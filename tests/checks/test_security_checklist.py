"""docs/security.md names every line of OWASP ASVS 5.0, level 2, and no test that is not there."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| V(\d+\.\d+\.\d+) \| (holds|none|\*\*open\*\*) \| (.+?) \| (.*?) ?\|$", re.MULTILINE)
# The numbers of the lines of levels 1 and 2, by section; those of level 3 are left out.
LINES = {
    "1.1": "1-2", "1.2": "1-9", "1.3": "1-11", "1.4": "1-3", "1.5": "1-2",
    "2.1": "1-3", "2.2": "1-3", "2.3": "1-4", "2.4": "1",
    "3.2": "1-2", "3.3": "1-4", "3.4": "1-6", "3.5": "1-5", "3.7": "1-2",
    "4.1": "1-3", "4.2": "1", "4.3": "1-2", "4.4": "1-4",
    "5.1": "1", "5.2": "1-3", "5.3": "1-2", "5.4": "1-3",
    "6.1": "1-3", "6.2": "1-12", "6.3": "1-4", "6.4": "1-4", "6.5": "1-5", "6.6": "1-3", "6.8": "1-4",
    "7.1": "1-3", "7.2": "1-4", "7.3": "1-2", "7.4": "1-5", "7.5": "1-2", "7.6": "1-2",
    "8.1": "1-2", "8.2": "1-3", "8.3": "1", "8.4": "1",
    "9.1": "1-3", "9.2": "1-4",
    "10.1": "1-2", "10.2": "1-2", "10.3": "1-4", "10.4": "1-11", "10.5": "1-5", "10.6": "1-2", "10.7": "1-3",
    "11.1": "1-2", "11.2": "1-3", "11.3": "1-3", "11.4": "1-4", "11.5": "1", "11.6": "1",
    "12.1": "1-3", "12.2": "1-2", "12.3": "1-4",
    "13.1": "1", "13.2": "1-5", "13.3": "1-2", "13.4": "1-5",
    "14.1": "1-2", "14.2": "1-4", "14.3": "1-3",
    "15.1": "1-3", "15.2": "1-3", "15.3": "1-7",
    "16.1": "1", "16.2": "1-5", "16.3": "1-4", "16.4": "1-3", "16.5": "1-3",
    "17.1": "1", "17.2": "1-4", "17.3": "1-2",
}  # fmt: skip


def wanted() -> list[str]:
    """Return every line, such as "1.2.10", in the order of the standard."""
    spans = {section: span.partition("-") for section, span in LINES.items()}
    return [f"{section}.{n}" for section, (a, _, b) in spans.items() for n in range(int(a), int(b or a) + 1)]


@cache
def text_of(path: str) -> str:
    """Return the text of a file of tests."""
    file = ROOT / path
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def test_every_line_of_level_2_is_there_once_and_in_order() -> None:
    assert len(wanted()) == 253  # 70 of level 1 and 183 of level 2
    assert [row[0] for row in ROW.findall(TEXT)] == wanted()


def test_every_line_has_a_test_or_says_why() -> None:
    for line, _state, words, tests in ROW.findall(TEXT):
        assert tests or len(words) > 3, line


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`(tests/[\w/]+\.py::test_\w+)`", TEXT))))
def test_named_test_exists(named: str) -> None:
    path, _, name = named.partition("::")

    assert re.search(rf"^(async )?def {name}\(", text_of(path), re.MULTILINE), named
