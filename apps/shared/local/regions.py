"""Several regions on one machine, for trying them out: `REGIONS=eu,us make up`.

The first region has the stores that an installation without regions has. Each further one has a ClickHouse, an event
log and a Valkey of its own, in a folder of its own, on ports a hundred higher each.
"""

from collections.abc import Mapping
from dataclasses import replace

from apps.shared.local import stores, valkey
from apps.shared.local.layout import Layout, Ports
from apps.shared.local.service import Service

FOLDER = "regions"
_STEP = 100
_STORES = ("valkey", "event_log", "clickhouse")


def layouts(layout: Layout, environ: Mapping[str, str]) -> dict[str, Layout]:
    """Return where each region keeps its data; nothing where there are no regions."""
    names = [name.strip() for name in environ.get("REGIONS", "").split(",") if name.strip()]
    return {name: _layout(layout, name, place, environ) for place, name in enumerate(names)}


def services(layout: Layout, environ: Mapping[str, str]) -> list[Service]:
    """Return the stores of all regions but the first, ready to be started."""
    found = []
    for name, other in layouts(layout, environ).items():
        if other is not layout:
            made = (valkey.cache_service(other), valkey.event_log_service(other), stores.clickhouse_service(other))
            found += [replace(service, name=f"{service.name}-{name}") for service in made]
    return found


def named_ports(layout: Layout, environ: Mapping[str, str]) -> dict[str, int]:
    """Return variable name -> port of all regions but the first."""
    return {
        f"{store.upper()}_PORT_{_suffix(name)}": getattr(other.ports, store)
        for name, other in layouts(layout, environ).items()
        if other is not layout
        for store in _STORES
    }


def environment(layout: Layout, environ: Mapping[str, str], *, collect_url: str) -> dict[str, str]:
    """Return the variables that name every region's stores; one collect serves them all."""
    found: dict[str, str] = {}
    for name, other in layouts(layout, environ).items():
        theirs, suffix = other.environment(), _suffix(name)
        found |= {f"{store}_{suffix}": theirs[store] for store in ("CLICKHOUSE_URL", "EVENT_LOG_URL", "REDIS_URL")}
        found[f"COLLECT_URL_{suffix}"] = collect_url
    return found | ({"REGIONS": environ["REGIONS"]} if found else {})


def _layout(layout: Layout, name: str, place: int, environ: Mapping[str, str]) -> Layout:
    if not place:
        return layout
    numbers = {
        store: int(environ.get(f"{store.upper()}_PORT_{_suffix(name)}") or getattr(layout.ports, store) + _STEP * place)
        for store in _STORES
    }
    ports: Ports = replace(layout.ports, **numbers)
    return replace(layout, folder=layout.folder / FOLDER / name, ports=ports)


def _suffix(name: str) -> str:
    return name.upper().replace("-", "_")
