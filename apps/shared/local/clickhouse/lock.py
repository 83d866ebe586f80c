"""One process per data folder."""

import fcntl
import os
from pathlib import Path
from typing import IO

NAME = "server.lock"


class FolderInUse(Exception):
    """Another process has the folder open."""


def lock_folder(folder: Path) -> IO[str]:
    """
    Lock *folder* for this process and return the open lock file.

    The kernel drops the lock with the process, however it ends, so a file that
    was left behind never blocks. Raises FolderInUse.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / NAME).open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise FolderInUse(f"{folder} is in use by process {holder}: stop it first, or choose another folder") from None
    file.seek(0)
    file.truncate()
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file
