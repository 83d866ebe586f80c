"""The one way to ClickHouse: adds the property scope, the limits, the query id and the timing to every query.

Only this module and `native_columns` import the driver. A query about one property takes `property_id` and must say
`{property_id:UInt64}`; one that serves the platform itself (the writer's index, health) says so by its name.
Values are bound on the server as `{name:Type}` and never formatted into the text (R5).

The property decides which region's ClickHouse is asked; what would read across regions is refused there
(`apps/shared/regions.py`). What serves the platform names the region.

Whoever is limited to some sources or countries (`behalf.Limits`) can run only what mentions those limits, and it is
this module that binds them: a query that forgets them is refused, not answered too broadly.
"""

import re
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from queue import Empty, LifoQueue
from typing import Any, TypeVar

import structlog
from clickhouse_driver.errors import Error as DriverError
from clickhouse_driver.errors import ServerException
from django.conf import settings
from django.core.exceptions import PermissionDenied

from apps.shared import behalf, metrics, regions
from apps.shared.native_columns import ColumnClient

log = structlog.get_logger(__name__)
Row = TypeVar("Row")

# What these server errors mean to a caller: try again later, or ask for less.
_REFUSED = 469  # by a constraint: the block came too late
_TOO_MUCH = {158, 159, 160, 241, 307, 396}
_SCOPE = "{property_id:UInt64}"
# Few ids are quicker as the text of an array; many are parsed anew at each mention, and are sent as a table instead.
_FEW_IDS = 1_000
_IDS = re.compile(r"(IN|FROM) \{(\w+):Ids\}")
SEEN_SOURCES, SEEN_COUNTRIES = "{seen_sources:Array(String)}", "{seen_countries:Array(String)}"
_idle: defaultdict[str, LifoQueue[ColumnClient]] = defaultdict(LifoQueue)  # by Django's name of the store


class StoreUnavailable(Exception):
    """ClickHouse cannot be reached or broke off: try again later."""


class QueryTooLarge(Exception):
    """The query met its limit of time, rows or memory: ask for less."""


class MissingScope(ValueError):
    """A query about one property does not mention `{property_id:UInt64}`."""


class BeyondLimits(PermissionDenied):
    """The reader is limited to a part of the figures, and this query would answer about the whole."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use: seconds, bytes of memory, rows of its result."""

    seconds: int = 30
    memory: int = 2_000_000_000
    rows: int = 100_000


@dataclass(frozen=True, slots=True)
class Ids:
    """Whole numbers of 64 bits, however many: a statement says `IN {name:Ids}`, or `SELECT id FROM {name:Ids}`."""

    values: Collection[int]


# Seconds: of a query beyond its own limit, which the store keeps by itself; and of its greeting.
_GRACE, _GREETING = 5.0, 10.0
PAGE = Limits()
JOB = Limits(seconds=1800, memory=4_000_000_000, rows=50_000_000)


def select(
    sql: str,
    row: Callable[..., Row],
    *,
    property_id: int,
    limits: Limits = PAGE,
    despite_limits: str = "",
    **parameters: object,
) -> list[Row]:
    """Return the rows of *sql* about one property, each mapped by *row* (called with the columns in order).

    *despite_limits* is the reason why the answer may be given to readers who are limited to a part of the figures.
    Raises MissingScope, BeyondLimits, QueryTooLarge or StoreUnavailable, and what `regions.of_property` raises.
    """
    _check_scope(sql)
    seen = {} if despite_limits else _seen(sql)
    bound = {**parameters, **seen, "property_id": property_id}
    return [row(*values) for values in _run(sql, limits, bound, regions.of_property(property_id))]


def select_columns(sql: str, *, property_id: int, limits: Limits = PAGE, **parameters: object) -> list[tuple[Any, ...]]:
    """Return the columns of *sql* about one property, for results of many numbers; an empty list when it has no rows.

    For jobs: readers who are limited to a part of the figures are refused. Raises as `select` does.
    """
    _check_scope(sql)
    _refuse_limited()
    bound = {**parameters, "property_id": property_id}
    return _run(sql, limits, bound, regions.of_property(property_id), columnar=True)


def select_for_platform(
    sql: str, row: Callable[..., Row], *, limits: Limits = JOB, region: str | None = None, **parameters: object
) -> Iterator[Row]:
    """Stream the rows of a query that serves the platform itself, across properties of one region. Never for a page.

    Without *region* it is the one that this process serves; raises NoRegion where it serves several.
    """
    _refuse_limited()
    with _client(regions.checked(region), patience=limits.seconds + _GRACE) as client:
        rows = client.execute_iter(sql, _bound(parameters), settings=_settings(limits), query_id=str(uuid.uuid4()))
        for values in rows:
            yield row(*values)


def command(sql: str, *, property_id: int, limits: Limits = JOB, **parameters: object) -> None:
    """Run a statement that changes rows of one property: INSERT ... SELECT, DELETE, OPTIMIZE of its parts."""
    _check_scope(sql)
    _refuse_limited()
    _run(sql, limits, {**parameters, "property_id": property_id}, regions.of_property(property_id))


def command_for_platform(sql: str, *, limits: Limits = JOB, region: str | None = None, **parameters: object) -> None:
    """Run a statement that serves the platform itself, such as OPTIMIZE. Never with text from outside."""
    _refuse_limited()
    _run(sql, limits, parameters, regions.checked(region))


def insert(
    table: str,
    columns: Mapping[str, Sequence[Any]],
    *,
    token: str | None = None,
    until: int = 0,
    region: str | None = None,
) -> int:
    """Insert whole columns as one block and return the number of rows.

    *token* names the block: one with the same token again is ignored by the engine, so that a repeat changes nothing.
    *until* (seconds since 1970) is when the block stops being good, by the clock of the store: where the table has a
    constraint of that, it raises StoreUnavailable then.
    The rows' own `property_id` decides the region, unless the caller has made sure of it and names it.
    """
    place = regions.of_properties(columns["property_id"]) if region is None else regions.checked(region)
    names = ", ".join(columns)
    size = len(next(iter(columns.values()), ()))
    extra: dict[str, object] = {
        "max_insert_block_size": max(size, 1),
        "max_partitions_per_insert_block": 0,  # an import reaches back over years, and a block is stored whole or not
    }
    if token is not None:
        extra["insert_deduplication_token"] = token
    if until:
        extra["query_cache_tag"] = str(until)  # means nothing to an insert, and the table's constraint can read it
    with _client(place) as client:
        client.execute(f"INSERT INTO {table} ({names}) VALUES", list(columns.values()), columnar=True, settings=extra)
    return size


def _check_scope(sql: str) -> None:
    if _SCOPE not in sql:
        raise MissingScope(f"The query must be scoped by {_SCOPE}.")


def _seen(sql: str) -> dict[str, object]:
    """Return what the reader is limited to, under the names that *sql* must mention."""
    whose = behalf.current().limits
    seen: dict[str, object] = {}
    for mark, name, values in (
        (SEEN_SOURCES, "seen_sources", whose.sources),
        (SEEN_COUNTRIES, "seen_countries", whose.countries),
    ):
        if values and mark not in sql:
            raise BeyondLimits(f"The query must mention {mark}: its reader is limited.")
        if values:
            seen[name] = values
    return seen


def _refuse_limited() -> None:
    if behalf.current().limits:
        raise BeyondLimits("Whoever is limited to a part of the figures only reads them.")


def _run(
    sql: str, limits: Limits, parameters: Mapping[str, object], region: str, *, columnar: bool = False
) -> list[tuple[Any, ...]]:
    query_id = str(uuid.uuid4())
    started = time.perf_counter()
    sql, parameters, tables = _with_ids(sql, parameters)
    with _client(region, patience=limits.seconds + _GRACE) as client:
        result = client.execute(
            sql,
            _bound(parameters),
            settings=_settings(limits),
            query_id=query_id,
            columnar=columnar,
            external_tables=tables,
        )
    seconds = time.perf_counter() - started
    metrics.clickhouse_seconds.observe(seconds)
    log.debug("clickhouse.query", query_id=query_id, seconds=round(seconds, 4))
    return result if isinstance(result, list) else []


def _with_ids(
    sql: str, parameters: Mapping[str, object]
) -> tuple[str, Mapping[str, object], list[dict[str, object]] | None]:
    """Return a statement with its ids put in: few as an array, many as tables that go with it."""
    ids = {name: value.values for name, value in parameters.items() if isinstance(value, Ids)}
    if not ids:
        return sql, parameters, None
    few = {name for name, values in ids.items() if len(values) <= _FEW_IDS}

    def put(found: re.Match[str]) -> str:
        word, name = found.groups()
        if name not in few:
            return f"{word} (SELECT id FROM ids_of_{name})"
        array = f"{{{name}:Array(UInt64)}}"
        return f"IN {array}" if word == "IN" else f"FROM (SELECT arrayJoin({array}) AS id)"

    mentioned = {name for _, name in _IDS.findall(sql)}
    others = {name: value for name, value in parameters.items() if name not in ids}
    bound = {**others, **{name: list(ids[name]) for name in few & mentioned}}
    tables = [_table(name, ids[name]) for name in sorted(mentioned - few)]
    return _IDS.sub(put, sql), bound, tables or None


def _table(name: str, values: Collection[int]) -> dict[str, object]:
    return {"name": f"ids_of_{name}", "structure": [("id", "UInt64")], "data": [(value,) for value in values]}


def _settings(limits: Limits) -> dict[str, object]:
    return {
        "max_execution_time": limits.seconds,
        "max_memory_usage": limits.memory,
        "max_result_rows": limits.rows,
        "do_not_merge_across_partitions_select_final": 1,
        "enable_materialized_cte": 1,
    }


def _bound(parameters: Mapping[str, object]) -> dict[str, object]:
    return {name: _literal(value) for name, value in parameters.items()}


def _literal(value: object) -> object:
    # The driver cuts milliseconds and shifts zones; the text of an instant in UTC is exact.
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03d}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list | tuple | set | frozenset):
        return _Numbers(value) if set(map(type, value)) == {int} else [_literal(item) for item in value]
    return value


class _Numbers:
    """Whole numbers as the text of an array. The driver escapes a list sign by sign: half the time of a build."""

    def __init__(self, values: Collection[int]) -> None:
        self._values = values

    def __str__(self) -> str:
        return f"[{','.join(map(str, self._values))}]"


@contextmanager
def _client(region: str, *, patience: float = JOB.seconds) -> Iterator[ColumnClient]:
    """Lend a connection to a region's store; one that failed in the middle is closed, not given to the next.

    A store that hangs does not end its queries: after *patience* seconds of silence it counts as away.
    """
    database = regions.stores(region).database
    try:
        client = _idle[database].get_nowait()
    except Empty:
        client = _connect(database)
    try:
        client.wait(patience, greeting=_GREETING)
        yield client
    except ServerException as error:
        client.disconnect()
        if error.code in _TOO_MUCH:
            raise QueryTooLarge(error.message) from error
        if error.code == _REFUSED:
            raise StoreUnavailable(error.message) from error
        raise
    except (DriverError, OSError, EOFError) as error:
        client.disconnect()
        raise StoreUnavailable(str(error)) from error
    except BaseException:
        client.disconnect()
        raise
    _idle[database].put(client)


def _connect(name: str) -> ColumnClient:
    database = settings.DATABASES[name]
    return ColumnClient(
        host=database["HOST"],
        port=database["PORT"] or 9000,
        user=database["USER"] or "default",
        password=database["PASSWORD"],
        database=database["NAME"] or "default",
        connect_timeout=10.0,
        send_receive_timeout=JOB.seconds,
        settings={"server_side_params": True},
    )
