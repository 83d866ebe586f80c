"""The runner's wall: SQL about one property that does not say so is never sent (R5)."""

import pytest

from apps.shared import clickhouse


@pytest.mark.parametrize(
    "sql", ["SELECT count() FROM events", "SELECT 1 WHERE property_id = 1", "SELECT {property_id:String}"]
)
def test_question_without_its_property_is_refused(sql: str) -> None:
    with pytest.raises(clickhouse.MissingScope):
        clickhouse.select(sql, int, property_id=1)
    with pytest.raises(clickhouse.MissingScope):
        clickhouse.command(sql, property_id=1)
