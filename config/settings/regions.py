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
# PostgreSQL of regions that keep words on consent themselves. Nothing else is in them.
CONSENT_DATABASES: dict[str, Any] = {
    alias: {
        "ENGINE": "django.db.backends.postgresql",
        **place,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,  # as in the installation's own
    }
    for alias, place in _FOUND.consent.items()
}
