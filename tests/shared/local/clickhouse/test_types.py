"""Every column type that clickhouse-driver and django-clickhouse-backend read and write goes there and back."""

import datetime as dt
import ipaddress
import math
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from clickhouse_driver import Client

NOW = dt.datetime(2026, 11, 22, 10, 11, 12)  # noqa: DTZ001 (the driver gives naive values for columns without a zone)
UTC_NOW = dt.datetime(2026, 11, 22, 10, 11, 12, 345000, tzinfo=dt.UTC)
LONG = "длинный текст " * 400
KEY = uuid.UUID("61f0c404-5cb3-11e7-907b-a6006ad3dba0")

TYPES = [
    *((f"Int{bits}", [-(2 ** (bits - 1)), 0, 2 ** (bits - 1) - 1]) for bits in (8, 16, 32, 64, 128, 256)),
    *((f"UInt{bits}", [0, 1, 2**bits - 1]) for bits in (8, 16, 32, 64, 128, 256)),
    ("Float32", [0.5, -1.25, math.inf]),
    ("Float64", [0.1, -1e300, -math.inf]),
    ("Decimal(9, 4)", [Decimal("12345.6789"), Decimal("-0.0001")]),
    ("Decimal(18, 4)", [Decimal("12345678901234.5678"), Decimal("-1.5000")]),
    ("Decimal(38, 10)", [Decimal("1234567890123456789012345678.0123456789"), Decimal("-1.0000000000")]),
    ("Decimal(76, 20)", [Decimal("-1234567890123456789012345678901234567890.01234567890123456789")]),
    ("Decimal32(2)", [Decimal("1.25")]),
    ("String", ["", "a", "x" * 127, "x" * 128, LONG, "NUL \x00 inside", "emoji 🙂"]),
    ("FixedString(4)", ["abcd", "wxyz"]),
    ("Date", [dt.date(1970, 1, 1), dt.date(2149, 6, 6)]),
    ("Date32", [dt.date(1925, 1, 1), dt.date(2283, 11, 11)]),
    ("DateTime", [NOW]),
    ("DateTime('UTC')", [UTC_NOW.replace(microsecond=0)]),
    ("DateTime('Europe/Berlin')", [UTC_NOW.replace(microsecond=0).astimezone(ZoneInfo("Europe/Berlin"))]),
    ("DateTime64(3, 'UTC')", [UTC_NOW, dt.datetime(1925, 3, 4, 5, 6, 7, tzinfo=dt.UTC)]),
    ("DateTime64(6, 'Asia/Tokyo')", [UTC_NOW.astimezone(ZoneInfo("Asia/Tokyo"))]),
    ("DateTime64(3)", [NOW.replace(microsecond=250000)]),
    ("UUID", [KEY]),
    ("IPv4", [ipaddress.IPv4Address("127.0.0.1")]),
    ("IPv6", [ipaddress.IPv6Address("2001:db8::1")]),
    ("Enum8('a' = -1, 'it\\'s, (odd)' = 2)", ["a", "it's, (odd)"]),
    ("Enum16('small' = 1, 'large' = 30000)", ["small", "large"]),
    ("Bool", [True, False]),
    ("Nullable(Int32)", [1, None, -1]),
    ("Nullable(String)", [None, "", LONG]),
    ("Nullable(Decimal(18, 4))", [None, Decimal("1.5000")]),
    ("Nullable(DateTime64(3, 'UTC'))", [None, UTC_NOW]),
    ("LowCardinality(String)", ["a", "b", "a", ""]),
    ("LowCardinality(Nullable(String))", ["a", None, ""]),
    ("LowCardinality(FixedString(2))", ["ab", "cd"]),
    ("Array(UInt8)", [[], [1, 2, 3]]),
    ("Array(Array(Nullable(String)))", [[], [[], ["a", None]], [["b"]]]),
    ("Array(LowCardinality(String))", [["a", "b", "a"], []]),
    ("Array(LowCardinality(Nullable(String)))", [[None, "b"], [], ["b"]]),
    ("Array(Tuple(String, UInt8))", [[("a", 1)], []]),
    ("Array(Map(String, Array(UInt8)))", [[{"a": [1]}, {}], []]),
    ("Tuple(String, UInt8)", [("a", 1)]),
    ("Tuple(`first name` String, age Nullable(UInt8))", [("Ada", None), ("Grace", 3)]),
    ("Map(String, UInt64)", [{}, {"a": 1, "b": 2}]),
    ("Map(LowCardinality(String), Array(String))", [{"a": ["x", "y"]}, {}]),
    ("SimpleAggregateFunction(sum, UInt64)", [7]),
    ("SimpleAggregateFunction(anyLast, Nullable(String))", ["x", None]),
    ("SimpleAggregateFunction(groupArrayArray(3), Array(String))", [["x"], []]),
    ("Point", [(1.5, -2.5)]),
    ("Ring", [[(0.0, 0.0), (1.0, 1.0)]]),
    ("Polygon", [[[(0.0, 0.0), (1.0, 1.0)], []]]),
    ("MultiPolygon", [[[[(0.0, 0.0), (1.0, 1.0)]]]]),
    ("JSON", ['{"a":{"b":[1,2]},"c":"d"}', "{}"]),
]


@pytest.mark.parametrize("is_compressed", [False, True], ids=["plain", "lz4"])
@pytest.mark.parametrize("revision", [54429, 54468], ids=["old", "new"])
@pytest.mark.parametrize(("type_name", "values"), TYPES, ids=[name for name, _ in TYPES])
def test_values_of_a_type_come_back_equal(server, type_name, values, revision, is_compressed):
    client = server.client(compression=is_compressed, client_revision=revision)
    client.execute("CREATE TEMPORARY TABLE t (number UInt32, value " + type_name.replace("%", "%%") + ")")

    client.execute("INSERT INTO t VALUES", list(enumerate(values)))
    rows, columns = client.execute("SELECT value FROM t ORDER BY number", with_column_types=True)

    assert [value for (value,) in rows] == _as_read(type_name, values)
    assert columns == [("value", client.execute("SELECT toTypeName(value) FROM t LIMIT 1")[0][0])]
    client.disconnect()


def _as_read(type_name: str, values: list) -> list:
    """JSON is written as text and read as a dictionary."""
    return [{"a": {"b": [1, 2]}, "c": "d"}, {}] if type_name == "JSON" else values


def test_nested_columns_come_back_equal(client: Client):
    client.execute("CREATE TABLE t (id UInt8, n Nested(key String, value UInt8)) ENGINE = MergeTree ORDER BY id")

    client.execute("INSERT INTO t VALUES", [(1, ["a", "b"], [1, 2])])

    assert client.execute("SELECT * FROM t") == [(1, ["a", "b"], [1, 2])]


def test_unflattened_nested_column_comes_back_equal(client: Client):
    client.execute("SET flatten_nested = 0")
    client.execute("CREATE TABLE t (id UInt8, n Nested(key String, value UInt8)) ENGINE = MergeTree ORDER BY id")

    client.execute("INSERT INTO t VALUES", [(1, [("a", 1), ("b", 2)])])

    assert client.execute("SELECT * FROM t") == [(1, [("a", 1), ("b", 2)])]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("NULL", None),
        ("[]", []),
        ("map()", {}),
        ("toIntervalDay(3)", 3),
        ("toNullable(toIntervalHour(2))", 2),
        ("[NULL]", [None]),
    ],
)
def test_literal_without_a_column_is_read(client: Client, expression: str, value: object):
    assert client.execute(f"SELECT {expression}") == [(value,)]


@pytest.mark.parametrize("expression", ["1::Dynamic", "1::Variant(UInt8, String)", "sumState(1)"])
def test_type_that_cannot_travel_is_refused_and_connection_goes_on(server, expression: str):
    client = server.client()

    with pytest.raises(Exception, match="does not travel over this connection") as caught:
        client.execute(f"SELECT {expression}")

    assert caught.value.code == 48
    assert client.execute("SELECT 1") == [(1,)]
    client.disconnect()
