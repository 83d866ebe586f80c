"""One house for all faults, and the table of what was measured."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from apps.shared.local.ports import answers
from tests.ingestion.chaos_house import House
from tests.ingestion.processes import wait_until

# The whole lengths are for a quiet machine: `FAULTS=long make faults`.
LONG = os.environ.get("FAULTS") == "long"
STOPPED = 30.0 if LONG else 8.0  # seconds for which a part hangs
OVERLOADED = 60.0 if LONG else 10.0
_FIGURES = pytest.StashKey[list[tuple[str, str]]]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin an empty table."""
    config.stash[_FIGURES] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table as docs/runbooks/faults.md has it."""
    rows = config.stash.get(_FIGURES, [])
    if rows:
        terminalreporter.write_line("")
        for line in ("| Fault | Figures |", "|---|---|", *(f"| {what} | {found} |" for what, found in rows)):
            terminalreporter.write_line(line)


class Figures:
    """Where tests write what they measured."""

    def __init__(self, rows: list[tuple[str, str]]) -> None:
        self._rows = rows

    def add(self, what: str, found: str) -> None:
        """Add a row to the table."""
        self._rows.append((what, found))


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """The table of this run."""
    return Figures(request.config.stash[_FIGURES])


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A whole house with a worker."""
    with ExitStack() as exits:
        yield House(tmp_path_factory.mktemp("faults"), exits, with_worker=True)


@pytest.fixture(autouse=True)
def _open_door(request: pytest.FixtureRequest) -> None:
    """Begin with a door that answers: the test before may have killed it."""
    if "house" in request.fixturenames:
        port = request.getfixturevalue("house").processes["collect"].port
        wait_until(lambda: answers(port), 120)
