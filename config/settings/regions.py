"""Settings of data residency: the regions, and the stores of those that this process serves (ADR 0077)."""

from typing import Any

from config import env, regions

_FOUND = regions.read()

REGIONS = _FOUND.named
REGION = _FOUND.only

# The stores of facts, by the names that Django has for them.
FACT_DATABASES: dict[str, Any] = {
    alias: {"ENGINE": "clickhouse_backend.backend", **place}
    for alias, place in (
        _FOUND.databases
        or {"clickhouse": env.database("CLICKHOUSE_URL", "clickhouse://default@127.0.0.1:19000/default")}
    ).items()
}
# Where figures that were read, and events on their way to open pages, stay in their region.
REGIONAL_VALKEYS = {name: region.redis_url for name, region in REGIONS.items() if region.redis_url}
