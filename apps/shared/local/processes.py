"""The processes of the product on one machine as services: pages, the door of events, writer, worker, beat."""

import sys
import urllib.error
import urllib.request
from collections.abc import Mapping

from apps.shared.local import regions
from apps.shared.local.layout import ROOT, Layout
from apps.shared.local.ports import LOOPBACK
from apps.shared.local.service import Service

_COLLECT_WORKERS = 2
# How many clients may be connected, and how slow they may be: ADR 0089. To granian "backpressure" is the number of open
# connections, and whoever keeps one open without asking counts. HTTP/1 alone: ADR 0116.
PATIENT = (
    "--http", "1",
    "--backlog", "4096", "--backpressure", "12288", "--blocking-threads", "256",
    "--http1-header-read-timeout", "10000", "--http1-buffer-size", "65536",
)  # fmt: skip
_GRANIAN = (
    "--interface", "wsgi", "--workers", str(_COLLECT_WORKERS), "--respawn-failed-workers",
    "--respawn-interval", "0.5", "--workers-kill-timeout", "8", *PATIENT,
    "--no-access-log", "--no-ws", "--log-level", "error", "config.wsgi:application",
)  # fmt: skip
_CELERY = ("-m", "celery", "--quiet", "-A", "config.celery:celery_app")


def environment(layout: Layout, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of every process; what the operator has set wins over what we would choose."""
    chosen = {
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "COLLECT_URL": f"http://{LOOPBACK}:{layout.ports.collect}",
        "COLLECT_PIN": "1",
        "PYTHONUNBUFFERED": "1",
        "MALLOC_ARENA_MAX": "2",  # glibc otherwise keeps an arena per thread, some 100 MB in all
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    hosts = {name: environ[name] for name in ("WEB_HOST", "COLLECT_HOST") if name in environ}
    kept = {name: environ[name] for name in chosen if name in environ}
    stores, regional = (
        layout.environment(),
        regions.environment(layout, environ, collect_url=(chosen | kept)["COLLECT_URL"]),
    )
    if regional:
        stores = {name: value for name, value in stores.items() if name not in ("CLICKHOUSE_URL", "EVENT_LOG_URL")}
    return {
        **chosen,
        **kept,
        **hosts,
        **stores,
        **regional,
        "PROMETHEUS_MULTIPROC_DIR": str(layout.folder / "metrics"),
    }


def groups(layout: Layout, variables: Mapping[str, str]) -> tuple[list[Service], list[Service]]:
    """Return the doors, and what works behind them. The doors close first, the ones who empty the log later."""
    hosts = {name: variables.get(f"{name.upper()}_HOST", LOOPBACK) for name in ("web", "collect")}
    doors = [
        _web(layout.ports.web, hosts["web"], variables),
        _collect(layout.ports.collect, hosts["collect"], variables),
    ]
    behind = [
        *_writers(layout, variables),
        _background("worker", (*_CELERY, "worker", *_WORKER), variables, patience=15.0),
        _background("beat", (*_CELERY, "beat", "--pidfile=", "--loglevel=WARNING"), {**_BEAT, **variables}, wave=2),
    ]
    return doors, behind


def _writers(layout: Layout, variables: Mapping[str, str]) -> list[Service]:
    """Return a writer, or one for each region."""
    names = list(regions.layouts(layout, variables))
    if not names:
        return [_background("writer", ("manage.py", "write_events"), variables)]
    return [_background(f"writer-{name}", ("manage.py", "write_events", "--region", name), variables) for name in names]


_BEAT = {"CELERY_SKIP_CHECKS": "1"}  # they import every page; the worker, whose children share them, does it still
_WORKER = (
    "--concurrency=2", "--loglevel=WARNING", "--hostname=worker@%h", "--without-gossip", "--without-mingle",
    "--without-heartbeat", "--max-tasks-per-child=500", "--max-memory-per-child=400000",
)  # fmt: skip


def _web(port: int, host: str, variables: Mapping[str, str]) -> Service:
    return Service(
        name="web",
        command=(sys.executable, "-m", "daphne", "-b", host, "-p", str(port), "-v", "0", "--no-server-name",
                 "--application-close-timeout", "2", "config.asgi:application"),
        environment=variables,
        is_ready=lambda: _says_ok(port),
        wave=2,
        patience=5.0,  # daphne may ignore SIGTERM under load; whole answers take less than this
        ready_within=60.0,
        is_shown=True,
    )  # fmt: skip


def _collect(port: int, host: str, variables: Mapping[str, str]) -> Service:
    return Service(
        name="collect",
        command=(sys.executable, "-m", "granian", "--host", host, "--port", str(port), *_GRANIAN),
        environment={**variables, "TRIBUTARY_PROCESS": "collect"},
        is_ready=lambda: _says_ok(port),
        wave=2,
        ready_within=60.0,
        is_shown=True,
        least_children=_COLLECT_WORKERS,
    )  # fmt: skip


def _background(
    name: str, arguments: tuple[str, ...], variables: Mapping[str, str], *, wave: int = 1, patience: float = 10.0
) -> Service:
    return Service(
        name=name,
        command=(sys.executable, *arguments),
        environment={**variables, "TRIBUTARY_PROCESS": name},
        is_ready=lambda: True,
        wave=wave,
        patience=patience,
        is_shown=True,
    )


def _says_ok(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def has_command(name: str) -> bool:
    """Tell whether an app brings the management command *name*."""
    return any(ROOT.glob(f"apps/*/management/commands/{name}.py"))
