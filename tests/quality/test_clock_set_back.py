"""A server's clock is set back an hour: what was decided later still holds (R9)."""

import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from apps.quality import services
from tests.factories.company import Company
from tests.quality.test_quarantine import account, ends, release

pytestmark = pytest.mark.stores
HOUR = timedelta(hours=1)


def test_discard_and_its_taking_back_win_while_the_clock_is_behind(
    company: Company, send: Any, write: Any, expect: Any, kept: Any
) -> None:
    expect("not_null", "properties.colour")
    send({"messageId": "m"}, {"messageId": "other"})
    write()

    release(company, "discard", note="by mistake", message_ids=("m",), behind=HOUR)
    assert (kept()["m"].state, kept()["other"].state) == ("discarded", "waiting")
    release(company, "restore", behind=2 * HOUR)
    assert kept()["m"].state == "waiting"
    release(company, "discard", note="after all", message_ids=("m",), behind=3 * HOUR)

    assert kept()["m"].state == "discarded"
    assert [outcome for outcome, _why in ends(company, "m")] == ["quarantined", "discarded", "restored", "discarded"]
    assert account(company) == {"received": 2, "waiting": 1, "discarded": 1}


def test_replay_wins_while_the_clock_is_behind_and_is_not_done_twice(
    company: Company, send: Any, write: Any, expect: Any, kept: Any, stored: Any
) -> None:
    row = expect("not_null", "properties.colour")
    send({"messageId": "m"})
    write()
    services.archive_expectation(property_id=company.shop.pk, expectation_id=row.pk, made_by=company.ada)

    release(company, behind=HOUR)
    assert kept()["m"].state == "under_way"
    with pytest.raises(services.NothingWaits):
        release(company)
    write()

    assert kept()["m"].state == "replayed"
    assert set(stored()) == {"m"}


@pytest.mark.parametrize("is_of_door", [False, True])
def test_what_fails_again_waits_again_where_the_writers_clock_is_behind(
    company: Company, send: Any, write: Any, expect: Any, kept: Any, *, is_of_door: bool
) -> None:
    """It was said to be under way for an hour, and could be neither fixed nor discarded."""
    if not is_of_door:
        expect("not_null", "properties.colour")
    send({"messageId": "m", "properties": {"revenue": "much"} if is_of_door else {}})
    write()
    release(company)

    with time_machine.travel(timezone.now() - HOUR, tick=True):
        write()
    time.sleep(0.01)

    assert (kept()["m"].state, kept()["m"].times) == ("failed_again", 2)
    assert [outcome for outcome, _why in ends(company, "m")] == ["quarantined", "replayed", "quarantined"]
    release(company, "discard", note="hopeless", behind=HOUR)
    assert kept()["m"].state == "discarded"
