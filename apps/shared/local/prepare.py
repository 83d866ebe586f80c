"""What must have happened once before the processes start: migrations, static files, translations, the demo."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from apps.shared.local import postgres, regions
from apps.shared.local.layout import ROOT, Layout
from apps.shared.local.processes import has_command

_LEAST_FREE_BYTES = 300 * 1024 * 1024
_UNFINISHED = "first-start-unfinished"


class SetupFailed(RuntimeError):
    """A step did not succeed; the message says what to do."""


def check_disk(folder: Path) -> None:
    """Refuse to start servers that would soon meet a full disk."""
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE_BYTES:
        raise SetupFailed(f"Only {free // 1024**2} MB of disk are free in {folder}: free at least 300 MB and repeat.")


def begin_first_start(folder: Path) -> bool:
    """Mark a first start until its migrations are done; tell whether an earlier one broke off and was cleared away.

    Until that mark is gone no event was ever accepted, so its half-made stores hold nothing to lose.
    """
    mark, stores = folder / _UNFINISHED, [folder / name for name in ("postgres", "clickhouse", regions.FOLDER)]
    was_broken_off = mark.exists()
    if was_broken_off:
        for store in stores:
            shutil.rmtree(store, ignore_errors=True)
        shutil.rmtree(folder / "stamps", ignore_errors=True)
    if not any(store.exists() for store in stores):
        mark.touch()
    return was_broken_off


class Preparation:
    """Runs management commands whose inputs changed since they last succeeded."""

    def __init__(self, layout: Layout, variables: Mapping[str, str]) -> None:
        self._layout = layout
        self._variables = {**os.environ, **variables}
        self._variables.pop("PROMETHEUS_MULTIPROC_DIR", None)  # a command's figures are not the servers'
        self._stamps = layout.folder / "stamps"

    def pending(self) -> list[str]:
        """Return the names of the steps that have something to do."""
        return [
            name for name in _COMMANDS if has_command(_COMMANDS[name][0]) or name in _BUILT_IN if self._is_due(name)
        ]

    def run(self, names: Iterable[str]) -> None:
        """Run the steps side by side; raises SetupFailed with the words of the one that failed."""
        if "postgres" in (names := list(names)):
            postgres.create_database(self._layout, "tributary")
        running = {name: self._start(name) for name in names}
        try:
            for name, process in running.items():
                self._finish(name, process)
        finally:
            for process in running.values():
                if process.poll() is None:
                    process.kill()
        if "clickhouse" in names or "postgres" in names:
            (self._layout.folder / _UNFINISHED).unlink(missing_ok=True)

    def mark_done(self, *names: str) -> None:
        """Remember steps whose results were put there by other means, such as a copy of migrated stores."""
        for name in names:
            self._write(self._stamps / name, self._digest(name))

    def load_demo(self) -> bool:
        """Load the demo organization unless it is there; tell whether it was loaded now."""
        stamp = self._stamps / "demo"
        if stamp.exists():
            return False
        done = subprocess.run([sys.executable, "manage.py", "load_demo"], cwd=ROOT, env=self._variables, check=False)
        if done.returncode:
            raise SetupFailed("The demo data could not be loaded: see above; TRIBUTARY_DEMO=0 make up starts without.")
        self._write(stamp, "loaded")
        return True

    def _start(self, name: str) -> "subprocess.Popen[bytes]":
        log = self._log(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "manage.py", *_COMMANDS[name]],
                cwd=ROOT, env=self._of(name), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def _of(self, name: str) -> dict[str, str]:
        return {**self._variables, **self._layout.owner_environment()} if name == "postgres" else self._variables

    def _finish(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        while process.poll() is None:  # short naps, so that Ctrl-C is heard
            time.sleep(0.05)
        if process.returncode:
            words = "\n".join(self._log(name).read_text(encoding="utf-8", errors="replace").splitlines()[-12:])
            raise SetupFailed(f"`manage.py {' '.join(_COMMANDS[name])}` failed. Its last words:\n{words}")
        self.mark_done(name)

    def _log(self, name: str) -> Path:
        return self._layout.logs / f"setup-{name}.log"

    def _is_due(self, name: str) -> bool:
        stamp = self._stamps / name
        return not stamp.exists() or stamp.read_text(encoding="utf-8") != self._digest(name)

    def _digest(self, name: str) -> str:
        # Another region has another store to migrate.
        digest = hashlib.sha256(self._variables.get("REGIONS", "").encode() if name == "clickhouse" else b"")
        for pattern in _INPUTS[name]:
            for path in sorted(ROOT.glob(pattern)):
                digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
        return digest.hexdigest()

    def _write(self, stamp: Path, text: str) -> None:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(text, encoding="utf-8")


_COMMANDS: dict[str, tuple[str, ...]] = {
    "postgres": ("migrate", "--skip-checks", "--no-input"),
    "clickhouse": ("migrate_facts", "--no-input"),
    "static": ("collectstatic", "--skip-checks", "--no-input", "--verbosity=0"),
    "translations": ("compile_translations",),
}
_BUILT_IN = {"postgres", "clickhouse", "static"}
_MIGRATIONS = ("apps/*/migrations/**/*.py", "apps/*/migrations/**/*.sql", "requirements/base.txt")
_INPUTS = {
    "postgres": _MIGRATIONS,
    "clickhouse": _MIGRATIONS,
    "static": ("static/dist/.vite/manifest.json", "requirements/base.txt"),
    "translations": ("locale/**/*.po", "apps/*/locale/**/*.po"),
}
