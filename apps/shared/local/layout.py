"""Where one machine keeps its data, which ports it uses, and the environment that follows from both."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from apps.shared.local import ports

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Ports:
    """One number per server."""

    web: int = 8000
    collect: int = 8001
    postgres: int = 54320
    valkey: int = 63790
    event_log: int = 63791
    clickhouse: int = 19000

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read WEB_PORT, COLLECT_PORT, POSTGRES_PORT, VALKEY_PORT, EVENT_LOG_PORT and CLICKHOUSE_PORT."""
        default = cls()
        return cls(**{name: _port(environ, f"{name.upper()}_PORT", getattr(default, name)) for name in cls.__slots__})

    @classmethod
    def free(cls) -> Self:
        """Return ports that are free now."""
        return cls(**{name: ports.free_port() for name in cls.__slots__})

    def named(self) -> dict[str, int]:
        """Return variable name -> port."""
        return {f"{name.upper()}_PORT": getattr(self, name) for name in self.__slots__}


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    raw = environ.get(name) or str(default)
    if not raw.isdigit() or not 0 < int(raw) < 65536:
        raise SystemExit(f"{name} must be a port between 1 and 65535, not {raw!r}.")
    return int(raw)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What protects this machine's stores and sessions from its other users; made once, readable by the owner only."""

    postgres: str
    valkey: str
    clickhouse: str
    secret_key: str
    postgres_application: str

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Return the secrets kept in *folder*, made when there are none."""
        path = folder / "secrets.json"
        kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if set(kept) >= set(cls.__slots__):
            return cls(**{name: kept[name] for name in cls.__slots__})
        made = cls(**{name: kept.get(name) or secrets.token_hex(24) for name in cls.__slots__})
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / f"secrets.{os.getpid()}.json"
        new.touch(mode=0o600)
        new.write_text(json.dumps({name: getattr(made, name) for name in cls.__slots__}), encoding="utf-8")
        new.replace(path)
        return made


@dataclass(frozen=True, slots=True)
class Layout:
    """A data folder with its ports and secrets."""

    folder: Path
    ports: Ports
    secrets: Secrets

    @classmethod
    def of(cls, folder: Path, chosen: Ports) -> Self:
        """Return the layout of *folder*, with its secrets."""
        return cls(folder=folder, ports=chosen, secrets=Secrets.of(folder))

    @property
    def logs(self) -> Path:
        """Where each process writes its log."""
        return self.folder / "log"

    def owner_environment(self, *, database: str = "tributary") -> dict[str, str]:
        """Return the variable of a command that makes or changes tables."""
        host, port = ports.LOOPBACK, self.ports.postgres
        return {"DATABASE_URL": f"postgres://tributary:{self.secrets.postgres}@{host}:{port}/{database}"}

    def environment(self, *, database: str = "tributary", facts: str = "default", index: int = 0) -> dict[str, str]:
        """Return the variables that name the stores; *database*, *facts* and *index* choose a corner of each.

        PostgreSQL is entered as the application, which row-level security binds.
        """
        host, port, secret = ports.LOOPBACK, self.ports, self.secrets
        return {
            "DATABASE_URL": f"postgres://tributary_app:{secret.postgres_application}@{host}:{port.postgres}/{database}",
            "CLICKHOUSE_URL": f"clickhouse://tributary:{secret.clickhouse}@{host}:{port.clickhouse}/{facts}",
            "REDIS_URL": f"redis://:{secret.valkey}@{host}:{port.valkey}/{index}",
            "EVENT_LOG_URL": f"valkey://:{secret.valkey}@{host}:{port.event_log}/{index}",
            "SECRET_KEY": secret.secret_key,
            "VAR_DIR": str(self.folder),
        }
