"""Whole columns arrive as they were sent, whichever way they are written."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from apps.shared import clickhouse as store
from apps.shared.native_columns import ColumnClient
from apps.shared.repeated import Repeated

pytestmark = [pytest.mark.stores, pytest.mark.usefixtures("clickhouse")]

MOMENT = 1_780_000_000_123


@pytest.fixture
def client() -> Iterator[ColumnClient]:
    with store._client("") as found:
        found.execute(
            """
            CREATE TABLE columns_sent (
                number UInt32, word LowCardinality(String), moment DateTime64(3, 'UTC'),
                amount Nullable(Decimal(18, 4)), text String
            ) ENGINE = Memory
            """
        )
        yield found
        found.execute("DROP TABLE columns_sent")


def sent(client: ColumnClient, *columns: Sequence[Any]) -> list[tuple[Any, ...]]:
    rows = client.execute("INSERT INTO columns_sent VALUES", list(columns), columnar=True)
    assert rows == len(columns[0])
    found: list[tuple[Any, ...]] = client.execute(
        "SELECT word, toUnixTimestamp64Milli(moment), amount, text FROM columns_sent ORDER BY number"
    )
    return found


@pytest.mark.parametrize("distinct", [1, 256, 257, 65_536, 65_537])
def test_words_arrive_however_many_they_are(client: ColumnClient, distinct: int) -> None:
    words = [f"Wört-{number % distinct}" if number % distinct else "" for number in range(distinct + 3)]
    size = len(words)

    found = sent(client, list(range(size)), words, [MOMENT] * size, [None] * size, ["x"] * size)

    assert [row[0] for row in found] == words


@pytest.mark.parametrize("distinct", [1, 2, 256, 257, 65_537])
def test_repeated_columns_arrive_as_if_each_value_stood_in_its_row(client: ColumnClient, distinct: int) -> None:
    values = [f"Wört-{number % 300}" if number % 300 else "" for number in range(distinct)]  # some of them alike
    places = np.array([(number * 7) % distinct for number in range(distinct + 3)])
    words, size = Repeated(values, places), len(places)

    found = sent(client, list(range(size)), words, [MOMENT] * size, [None] * size, words)

    wanted = [values[place] for place in places]
    assert [(row[0], row[3]) for row in found] == [(word, word) for word in wanted]
    assert (list(words), words[1], list(words[1:3])) == (wanted, wanted[1], wanted[1:3])


def test_amounts_and_moments_arrive_exactly(client: ColumnClient) -> None:
    amounts = [None, Decimal("0.0000"), Decimal("-12.3400"), Decimal("99999999999999.9999"), Decimal("0.0001")]
    moments = [0, -1, MOMENT, MOMENT + 1, 4_102_444_800_000]

    found = sent(client, list(range(5)), [""] * 5, moments, amounts, ["", "a", "ä" * 300, "\n", "z"])

    assert [row[1:3] for row in found] == list(zip(moments, amounts, strict=True))
    assert found[2][3] == "ä" * 300


def test_values_of_another_kind_are_written_by_the_driver(client: ColumnClient) -> None:
    moment = datetime(2026, 5, 1, 12, tzinfo=UTC)

    found = sent(client, [0, 1], ["a", "b"], [moment, moment], [1, 2.5], ["", ""])

    assert [row[1:3] for row in found] == [(1_777_636_800_000, Decimal(1)), (1_777_636_800_000, Decimal("2.5"))]


def test_no_rows_are_no_mistake(client: ColumnClient) -> None:
    assert sent(client, [], [], [], [], []) == []
    assert client.execute("SELECT 1") == [(1,)]
