"""Starts the stores when the first test asks, stops them at the end of the run."""

import threading
import time
from pathlib import Path

from apps.shared.local import stores
from apps.shared.local.layout import Layout
from apps.shared.local.service import Running
from tests.template import Template


class Keeper(threading.Thread):
    """A thread of the parent process; tests talk to it through files, whichever process they are in."""

    def __init__(self, layout: Layout, template: Template) -> None:
        super().__init__(name="stores", daemon=True)
        self.layout, self.template = layout, template
        self._end = threading.Event()
        self._running: list[Running] = []

    def run(self) -> None:
        """Wait for the first wish, serve it, and stop the stores at the end."""
        while not self._end.wait(0.05):
            if not self._running and _wish(self.layout.folder).exists():
                self._serve()
        for running in self._running:
            running.ask_to_stop()
        for running in self._running:
            running.finish(time.monotonic() + 10)

    def stop(self) -> None:
        """Stop the stores and wait for that."""
        self._end.set()
        self.join()

    def _serve(self) -> None:
        answer = _answer(self.layout.folder)
        try:
            self.template.copy_to(self.layout.folder)
            self._running = [Running(s, self.layout.logs / f"{s.name}.log") for s in stores.prepare(self.layout)]
            for running in self._running:
                running.wait_until_ready()
        except Exception as error:  # noqa: BLE001  the tests that wait are told, and fail with it
            answer.with_suffix(".new").write_text(f"{type(error).__name__}: {error}")
            self._end.set()
        else:
            answer.with_suffix(".new").write_text("")
        answer.with_suffix(".new").rename(answer)


def ask_for_stores(folder: Path) -> None:
    """Wait until the stores of this run are up; raises RuntimeError with their own words."""
    _wish(folder).touch()
    deadline = time.monotonic() + 300
    while not _answer(folder).exists():
        if time.monotonic() > deadline:
            raise RuntimeError("The test stores did not start within 300 s.")
        time.sleep(0.05)
    if error := _answer(folder).read_text():
        raise RuntimeError(error)


def _wish(folder: Path) -> Path:
    return folder / "wanted"


def _answer(folder: Path) -> Path:
    return folder / "answer"
