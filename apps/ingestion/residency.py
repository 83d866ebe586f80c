"""Where the data of properties really is: read from the stores themselves, not from what settings say."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from clickhouse_backend.models import ClickhouseModel
from django.apps import apps

from apps.ingestion import wiring
from apps.ingestion.domain import deliveries
from apps.orgs import api as orgs
from apps.shared import clickhouse

_MOST_WAITING = 10_000
_MARK = "region "


class ForeignStore(Exception):
    """A ClickHouse says that it is of another region: two addresses have changed places."""


class Holding(NamedTuple):
    """Rows of one property in one place of a region, and the region that the property belongs to; None for nobody's."""

    region: str
    place: str
    property_id: int
    rows: int
    belongs_to: str | None

    @property
    def is_foreign(self) -> bool:
        """Tell whether the rows lie where they must not."""
        return self.belongs_to is not None and self.belongs_to != self.region


def holdings(region: str) -> Iterator[Holding]:
    """Yield what every table and the log of a region hold, property by property. Raises what `regions.stores` raises.

    Property 0 stands for what belongs to none: log entries that could not be read.
    """
    homes = orgs.regions_of_properties()
    for table in tables():
        sql = f"SELECT property_id, count() FROM {table} GROUP BY property_id ORDER BY property_id"
        for property_id, rows in clickhouse.select_for_platform(sql, lambda *row: row, region=region):
            yield Holding(region, f"table {table}", property_id, rows, homes.get(property_id))
    for property_id, count in sorted(_waiting(region).items()):
        yield Holding(region, "event log", property_id, count, homes.get(property_id))


def tables() -> list[str]:
    """Return the names of all tables of facts that hold rows of properties."""
    metas = [model._meta for model in apps.get_models() if issubclass(model, ClickhouseModel)]  # noqa: SLF001
    columns = {meta.db_table: {field.column for field in meta.concrete_fields} for meta in metas}
    return sorted(table for table, names in columns.items() if "property_id" in names)


def _waiting(region: str) -> Counter[int]:
    found: Counter[int] = Counter()
    for entry in wiring.event_log(region).waiting(most=_MOST_WAITING):
        try:
            found[deliveries.decode(entry.body).property_id] += 1
        except (msgspec.MsgspecError, deliveries.UnknownVersion):
            found[0] += 1
    return found


def claim(region: str) -> None:
    """Have the ClickHouse of a region say so itself, once. Raises ForeignStore where it is of another."""
    if region and not _owner(region):
        # Its name is made of small letters, digits and hyphens (config.env.names).
        clickhouse.command_for_platform(f"ALTER TABLE events MODIFY COMMENT '{_MARK}{region}'", region=region)
    require(region)


def require(region: str) -> None:
    """Raise ForeignStore unless the ClickHouse of a region says that it is of this region."""
    owner = _owner(region)
    if owner != region:
        named = f"named for the region {region}" if region else "named without a region"
        said = f"is of the region {owner}" if owner else "has not been claimed: `manage.py migrate_facts` does it"
        raise ForeignStore(f"The ClickHouse that is {named} {said}.")


def _owner(region: str) -> str:
    sql = "SELECT comment FROM system.tables WHERE database = currentDatabase() AND name = 'events'"
    comments = list(clickhouse.select_for_platform(sql, str, region=region))
    return comments[0].removeprefix(_MARK) if comments and comments[0].startswith(_MARK) else ""
