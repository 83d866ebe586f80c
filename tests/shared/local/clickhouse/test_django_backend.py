"""The unmodified Django backend on the listener: schema, rows, introspection."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from clickhouse_backend import models
from django.db import DatabaseError, connections

from tests.clickhouse_server import ClickHouseServer

NOW = dt.datetime(2026, 11, 22, 10, 11, 12, 345000, tzinfo=dt.UTC)
ALIAS = "listener"


class Sighting(models.ClickhouseModel):
    name = models.StringField(low_cardinality=True)
    value = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    tags = models.ArrayField(base_field=models.StringField())
    counts = models.MapField(models.StringField(), models.UInt64Field())
    seen_at = models.DateTime64Field(precision=3)

    class Meta:
        app_label = "listener"
        engine = models.MergeTree(order_by=("name", "seen_at"), partition_by=models.toYYYYMM("seen_at"))
        indexes = [models.Index(fields=["seen_at"], name="seen_at_range", type=models.MinMax(), granularity=4)]


class Latest(models.ClickhouseModel):
    key = models.UInt64Field()
    version = models.UInt64Field()

    class Meta:
        app_label = "listener"
        engine = models.ReplacingMergeTree("version", order_by=("key",))


@pytest.fixture
def database(server: ClickHouseServer) -> Iterator[Any]:
    server.execute("CREATE DATABASE backend")
    connections.databases[ALIAS] = connections.configure_settings(
        {
            "default": {},
            ALIAS: {
                "ENGINE": "clickhouse_backend.backend",
                "NAME": "backend",
                "HOST": "127.0.0.1",
                "PORT": server.port,
                "USER": "default",
                "PASSWORD": "",
                "OPTIONS": {"settings": {"mutations_sync": 1}},
            },
        }
    )[ALIAS]
    with connections[ALIAS].schema_editor() as schema:
        schema.create_model(Sighting)
        schema.create_model(Latest)
    yield connections[ALIAS]
    connections[ALIAS].close()
    del connections[ALIAS]
    del connections.databases[ALIAS]
    server.execute("DROP DATABASE backend")


@pytest.fixture(autouse=True)
def _unblocked(django_db_blocker: Any) -> Iterator[None]:
    """The store of this test is not one of the project's, so no transaction guards it."""
    with django_db_blocker.unblock():
        yield


def sightings(count: int) -> list[Sighting]:
    return [
        Sighting(name=f"n{row % 3}", value=Decimal("1.5"), tags=["a", str(row)], counts={"row": row}, seen_at=NOW)
        for row in range(count)
    ]


def test_rows_written_through_the_orm_come_back(database: Any):
    Sighting.objects.using(ALIAS).bulk_create(sightings(1))
    Sighting.objects.using(ALIAS).create(name="empty", value=None, tags=[], counts={}, seen_at=NOW)

    rows = Sighting.objects.using(ALIAS).order_by("-name").values_list("name", "value", "tags", "counts", "seen_at")

    assert list(rows) == [("n0", Decimal("1.5"), ["a", "0"], {"row": 0}, NOW), ("empty", None, [], {}, NOW)]


def test_update_and_delete_through_the_orm_take_effect(database: Any):
    objects = Sighting.objects.using(ALIAS)
    objects.bulk_create(sightings(9))

    objects.filter(name="n1").update(value=Decimal(7))
    objects.filter(name="n2").delete()

    assert sorted(objects.values_list("name", "value")) == [("n0", Decimal("1.5"))] * 3 + [("n1", Decimal(7))] * 3


def test_replaced_row_is_gone_with_final(database: Any):
    for version in (1, 2):
        Latest.objects.using(ALIAS).create(key=5, version=version)

    with database.cursor() as cursor:
        cursor.execute("SELECT key, version FROM listener_latest FINAL WHERE key = %s", [5])
        assert cursor.fetchall() == [(5, 2)]


def test_projection_and_view_are_added_by_plain_sql(database: Any):
    with database.cursor() as cursor:
        cursor.execute("ALTER TABLE listener_sighting ADD PROJECTION daily (SELECT name, count() GROUP BY name)")
        cursor.execute(
            "CREATE MATERIALIZED VIEW totals ENGINE = SummingMergeTree ORDER BY name"
            " AS SELECT name, count() AS n FROM listener_sighting GROUP BY name"
        )
        Sighting.objects.using(ALIAS).bulk_create(sightings(6))
        cursor.execute("SELECT name, sum(n) FROM totals GROUP BY name ORDER BY name")
        assert cursor.fetchall() == [("n0", 2), ("n1", 2), ("n2", 2)]


def test_introspection_sees_tables_and_columns(database: Any):
    with database.cursor() as cursor:
        assert sorted(database.introspection.table_names(cursor)) == ["listener_latest", "listener_sighting"]
        columns = database.introspection.get_table_description(cursor, "listener_latest")
    assert [(column.name, column.type_code) for column in columns][1:] == [("key", "UInt64"), ("version", "UInt64")]


def test_error_of_the_store_is_an_error_of_django(database: Any):
    with database.cursor() as cursor, pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
        cursor.execute("SELECT * FROM missing")
