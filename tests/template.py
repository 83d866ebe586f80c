"""Migrated, stopped stores on disk, ready to be copied: migrations cost 20 s, a copy half a second."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from apps.shared.local import postgres, stores
from apps.shared.local.layout import ROOT, Layout, Ports, Secrets
from apps.shared.local.service import Running
from tests import corners

_KEPT = 3
_STORES = ("postgres", "clickhouse")


@dataclass(frozen=True)
class Template:
    """A folder of copies, one per state of the migrations."""

    folder: Path

    def secrets(self) -> Secrets:
        """Return the passwords that every copy has."""
        if not (self.folder / "secrets.json").exists():
            with self._lock():
                return Secrets.of(self.folder)
        return Secrets.of(self.folder)

    def copy_to(self, folder: Path, names: tuple[str, ...] = _STORES) -> None:
        """Put migrated stores into *folder*, making them first when the migrations changed."""
        with self._lock():
            current = self.folder / _fingerprint()
            if not current.exists():
                self._make(current)
            current.touch()
            for name in names:
                subprocess.run(["cp", "-a", "--reflink=auto", str(current / name), str(folder / name)], check=True)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make(self, current: Path) -> None:
        secrets = Secrets.of(self.folder)
        with tempfile.TemporaryDirectory(prefix="unfinished-", dir=self.folder) as unfinished:
            layout = Layout(Path(unfinished), Ports.free(), secrets)
            running = [Running(s, layout.logs / f"{s.name}.log") for s in stores.prepare(layout)]
            try:
                for one in running:
                    one.wait_until_ready()
                _migrate(layout)
            finally:
                for one in running:
                    one.stop()
            made = Path(unfinished) / "made"
            made.mkdir()
            for name in _STORES:
                (Path(unfinished) / name).rename(made / name)
            made.rename(current)
        self._forget_old()

    def _forget_old(self) -> None:
        copies = [path for path in self.folder.iterdir() if (path / "postgres").is_dir()]
        for old in sorted(copies, key=lambda path: path.stat().st_mtime)[:-_KEPT]:
            shutil.rmtree(old)


def _migrate(layout: Layout) -> None:
    postgres.create_database(layout, corners.TEMPLATE)
    environment = {
        **os.environ,
        **layout.environment(database=corners.TEMPLATE, facts=corners.FACTS),
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
    }
    as_owner = environment | layout.owner_environment(database=corners.TEMPLATE)
    _manage(as_owner, "migrate", "--skip-checks", "--verbosity=0")
    _manage(environment, "migrate", "--skip-checks", "--verbosity=0", "--database=clickhouse")


def _manage(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {arguments[0]} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")


def _fingerprint() -> str:
    digest = hashlib.sha256()
    sources = [*ROOT.glob("apps/*/migrations/**/*.py"), *ROOT.glob("apps/*/migrations/**/*.sql")]
    makers = [Path(str(module.__file__)) for module in (postgres, stores, corners)]
    for path in [*sorted(sources), ROOT / "requirements" / "local.txt", Path(__file__), *makers]:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]
