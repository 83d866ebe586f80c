"""Loaded before Django's settings: names stores of our own in the environment, and starts them when a test asks.

One folder and one set of servers serve a whole run, also under xdist: the parent process owns them, every worker has
its own database in each. A copy of the migrated stores is kept in var/test-cache, so only the first run migrates.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from apps.shared import behalf
from apps.shared.local.layout import ROOT, Layout, Ports
from apps.shared.management.commands.compile_translations import compile_catalogue
from tests.keeper import Keeper
from tests.template import Template

_FOLDER = "TRIBUTARY_TEST_FOLDER"
_PREFIX = "tributary-test-"
_MEMORY, _ROOM = Path("/dev/shm"), 6 << 30  # noqa: S108  a folder of our own is made in it
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
TEMPLATE = Template(ROOT / "var" / "test-cache")


def corner() -> str:
    """Return the name of this process's database in PostgreSQL and in ClickHouse."""
    return f"test_{WORKER or 'alone'}"


def layout() -> Layout:
    """Return where the stores of this run are."""
    return Layout(Path(os.environ[_FOLDER]), Ports.from_environment(os.environ), TEMPLATE.secrets())


def _place() -> str | None:
    """Return the folder in memory where there is room: ClickHouse empties a table twenty times faster there."""
    if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < _ROOM:
        return None
    for left in _MEMORY.glob(f"{_PREFIX}*"):
        owner = left.name.removeprefix(_PREFIX).partition("-")[0]
        if not Path(f"/proc/{owner}").exists():  # killed before it could clear up
            shutil.rmtree(left, ignore_errors=True)
    return str(_MEMORY)


def _choose_stores() -> None:
    if not WORKER:
        os.environ[_FOLDER] = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_place())
        os.environ.update({name: str(port) for name, port in Ports.free().named().items()})
    index = int(WORKER.removeprefix("gw")) + 1 if WORKER else 0
    os.environ.update(layout().environment(database=corner(), facts=corner(), index=index))
    os.environ["TEST_CORNER"] = corner()


_choose_stores()
# What a test itself does, it does as the installation; requests, sockets and tasks act for whoever they are of.
behalf.serve_everybody()
# Playwright leaves an event loop on the main thread of its worker, which Django takes for an asynchronous caller.
# The processes under test do not get this leave: tests/house.py takes it out of their environment.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


def pytest_configure(config: pytest.Config) -> None:
    """Let the parent process look after the stores."""
    config.addinivalue_line("markers", "xdist_group(name): tests that share one worker, also known without xdist")
    if not WORKER:
        _compile_translations()  # before the workers start: what Django has not found once, it does not look for again
        config.stash[_KEEPER] = Keeper(layout(), TEMPLATE)
        config.stash[_KEEPER].start()


def _compile_translations() -> None:
    for source in (ROOT / "locale").glob("*/LC_MESSAGES/*.po"):
        compile_catalogue(source, source.with_suffix(".mo"))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the stores and remove their folder."""
    keeper = config.stash.get(_KEEPER, None)
    if keeper is not None:
        keeper.stop()
        shutil.rmtree(os.environ[_FOLDER], ignore_errors=True)


_KEEPER = pytest.StashKey[Keeper]()
