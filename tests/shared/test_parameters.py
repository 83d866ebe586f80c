"""What is bound to a query of ClickHouse arrives as it is."""

import pytest

from apps.shared import clickhouse as store

pytestmark = [pytest.mark.stores, pytest.mark.usefixtures("clickhouse")]


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("Array(UInt64)", []),
        ("Array(UInt64)", [0, 2**64 - 1]),
        ("Array(UInt64)", list(range(20_000))),
        ("Array(Int64)", [-1, 1]),
        ("Array(Array(UInt32))", [[1, 2], [], [3]]),
        ("Array(String)", ["1", "it's", "tab\t", "back\\slash", "[2]"]),
        ("Array(Bool)", [True, False]),
    ],
    ids=["empty", "bounds", "many", "signed", "nested", "text", "bool"],
)
def test_array_arrives_as_it_is(kind: str, given: list[object]) -> None:
    assert list(store.select_for_platform(f"SELECT {{given:{kind}}}", list, given=given)) == [given]
