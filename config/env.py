"""Typed readers of the environment: a missing or malformed value fails at start, by name."""

import os
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*").fullmatch


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


def names(variable: str) -> tuple[str, ...]:
    """Return *variable* as short names that may stand at the end of other variables: eu,us-east."""
    found = tuple(words(variable))
    for name in found:
        if not _NAME(name):
            raise SettingError(f"{variable} holds names of small letters, digits and hyphens, not {name!r}.")
    if len(set(found)) < len(found):
        raise SettingError(f"{variable} names something twice: {', '.join(found)}.")
    return found


def suffixed(variable: str, name: str) -> str:
    """Return the name of *variable* for one of several: CLICKHOUSE_URL and us-east make CLICKHOUSE_URL_US_EAST."""
    return f"{variable}_{name.upper().replace('-', '_')}"


def is_set(name: str) -> bool:
    """Tell whether *name* has a value, of its own or in a file."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


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
