"""What the sender of live visits sends is within the limits of the real collect, whatever its rate (R1)."""

import random
from collections import Counter
from datetime import UTC, datetime

from apps.reports.demo.live import Crowd
from apps.reports.demo.posting import post_events
from tests.factories.company import Company
from tests.ingestion.processes import Process


def test_events_of_two_seconds_at_the_highest_rate_are_accepted(
    running_collect: Process, living_company: Company
) -> None:
    crowd = Crowd(random.Random(7), 40)
    bodies = [crowd.next_request().body for _ in range(4_000)]
    now = datetime.now(UTC).isoformat()
    events = [{"messageId": f"rate-{number}", "timestamp": now, **body} for number, body in enumerate(bodies)]
    key = living_company.shop.streams.get().write_key

    results = list(post_events(f"http://127.0.0.1:{running_collect.port}/v1/batch", key, events))

    assert Counter(one["status"] for one in results) == {"accepted": 4_000}
