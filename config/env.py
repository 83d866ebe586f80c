"""Typed readers of the environment: a missing or malformed value fails at start, by name."""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit


class SettingError(RuntimeError):
    """A setting is missing or cannot be understood."""


def text(name: str, default: str | None = None) -> str:
    """Return the variable *name*, or *default*; refuse to go on without either."""
    value = os.environ.get(name, default)
    if value is None:
        raise SettingError(f"Set the environment variable {name}.")
    return value


def flag(name: str, default: bool) -> bool:
    """Return whether *name* says yes: 1, true, yes or on."""
    return text(name, "1" if default else "0").strip().lower() in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    """Return *name* as a whole number."""
    raw = text(name, str(default))
    try:
        return int(raw)
    except ValueError:
        raise SettingError(f"{name} must be a whole number, not {raw!r}.") from None


def duration(name: str, default: timedelta) -> timedelta:
    """Return *name*, given in seconds, as a span of time."""
    return timedelta(seconds=number(name, int(default.total_seconds())))


def words(name: str, default: str = "") -> list[str]:
    """Return *name* split at commas, without empty parts."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def secret(name: str, default: str | None = None) -> str:
    """Return *name*, or the content of the file that NAME_FILE points to."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        return Path(path).read_text(encoding="utf-8").strip()
    return text(name, default)


def database(name: str, default: str | None = None) -> dict[str, object]:
    """Return host, port, user, password and name of the database URL in *name*."""
    url = urlsplit(secret(name, default))
    if not url.hostname:
        raise SettingError(f"{name} must be a URL such as scheme://user:password@host:port/name.")
    return {
        "HOST": url.hostname,
        "PORT": url.port or "",
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "NAME": unquote(url.path.lstrip("/")),
    }
