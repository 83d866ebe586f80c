"""A stream that sends more than its limit waits, and nobody else does."""

import time

import pytest
from django.test import Client

from apps.ingestion import wiring
from apps.ingestion.adapters.valkey_buckets import ValkeyBuckets
from apps.ingestion.models import StreamLimit
from apps.shared.local.ports import free_port
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog
from tests.ingestion.test_door import EVENT, assert_problem, post


@pytest.mark.stores
def test_stream_that_sends_too_much_waits_and_others_do_not(
    door: Client, company: Company, key: str, log: MemoryLog, valkey: None
) -> None:
    StreamLimit.objects.create(stream=company.shop.streams.get(), per_second=1, burst=3)
    wiring.limit_of().forget()
    batch = {"batch": [{"type": "track", **EVENT, "messageId": str(number)} for number in range(2)]}

    passed, refused = (post(door, "/v1/batch", batch, key) for _ in range(2))

    assert (passed.status_code, passed["X-RateLimit-Limit"], passed["X-RateLimit-Remaining"]) == (200, "1", "1")
    assert_problem(refused, 429, "too_many_requests")
    assert refused["Retry-After"] == "1"
    assert 0 <= int(refused["X-RateLimit-Reset"]) - time.time() <= 3
    assert post(door, "/v1/batch", batch, company.theirs.streams.get().write_key).status_code == 200
    assert len(log.entries) == 2
    wiring.limit_of().forget()


def test_limit_that_cannot_be_asked_stops_nobody(
    door: Client, company: Company, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    StreamLimit.objects.create(stream=company.shop.streams.get(), per_second=1, burst=1)
    wiring.limit_of().forget()
    monkeypatch.setattr(
        wiring, "buckets", lambda *_: ValkeyBuckets(f"redis://127.0.0.1:{free_port()}/0", prefix="none")
    )

    assert [post(door, "/v1/track", EVENT, key).status_code for _ in range(3)] == [200, 200, 200]
    wiring.limit_of().forget()
