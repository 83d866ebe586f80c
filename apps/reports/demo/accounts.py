"""Who may sign in to the demo, with a password made at random once and kept beside the data."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

ADA, GRACE, MALLORY = "ada@example.com", "grace@example.com", "mallory@example.com"


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """The address and password that `make up` prints; Grace and Mallory have the same password."""

    email: str
    password: str


def read_login(folder: Path) -> DemoLogin | None:
    """Return the login kept in *folder*, or None when none was made."""
    path = _path(folder)
    return DemoLogin(*path.read_text(encoding="utf-8").split()) if path.exists() else None


def keep_login(folder: Path) -> DemoLogin:
    """Return the login kept in *folder*, made when there is none; only its owner may read the file."""
    kept = read_login(folder)
    if kept is not None:
        return kept
    login = DemoLogin(email=ADA, password=secrets.token_urlsafe(12))
    folder.mkdir(parents=True, exist_ok=True)
    made = os.open(_path(folder), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(made, "w", encoding="utf-8") as file:
        file.write(f"{login.email} {login.password}\n")
    return login


def _path(folder: Path) -> Path:
    return folder / "demo-login.txt"
