"""Packages from npm that tests run beside the product."""

import fcntl
import subprocess
from pathlib import Path


def install_node_packages(folder: Path) -> None:
    """Install what the lock file of a folder says, once, whichever worker comes first."""
    with (folder / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # `npm ci` empties the folder first, also under a worker that reads from it
        installed = folder / "node_modules" / ".package-lock.json"
        if not installed.exists() or installed.stat().st_mtime < Path(lock.name).stat().st_mtime:
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
