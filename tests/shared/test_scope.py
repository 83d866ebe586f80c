"""The runner's wall: SQL about one property that does not say so is never sent (R5)."""

from collections.abc import Iterator

import pytest

from apps.shared import behalf, clickhouse
from apps.shared.behalf import Behalf, Limits


@pytest.mark.parametrize(
    "sql", ["SELECT count() FROM events", "SELECT 1 WHERE property_id = 1", "SELECT {property_id:String}"]
)
def test_question_without_its_property_is_refused(sql: str) -> None:
    with pytest.raises(clickhouse.MissingScope):
        clickhouse.select(sql, int, property_id=1)
    with pytest.raises(clickhouse.MissingScope):
        clickhouse.command(sql, property_id=1)


def test_answer_that_streams_is_made_for_whom_its_view_was() -> None:
    """R5: the middleware is over when an export is read; its rows are still the reader's, and its limits hold."""
    reader = Behalf(organization_id=7, limits=Limits(sources=("newsletter",)))

    def parts() -> Iterator[Behalf]:
        yield behalf.current()
        yield behalf.current()

    with behalf.acting(reader):
        streamed = behalf.carried(parts())

    assert list(streamed) == [reader, reader]
