"""Sends live visits to collect at a steady rate, for a bounded time, and knows how far behind that rate it is."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

from apps.reports.demo.live import Crowd, Request
from apps.reports.demo.posting import CollectUnreachable, Event, click, post_events

__all__ = ["CollectUnreachable", "Sent", "send"]

_TICKS = 4  # batches a second


@dataclass(slots=True)
class Sent:
    """What became of what was sent; *behind* events are due and not sent yet."""

    accepted: int = 0
    refused: int = 0
    clicks: int = 0
    events: int = 0
    behind: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


def send(
    *,
    collect_url: str,
    write_keys: Mapping[str, str],
    crowd: Crowd,
    rate: float,
    seconds: float,
    tell: Callable[[Sent, float], None],
) -> Sent:
    """Send about *rate* events a second for *seconds* and return what became of them.

    Raises CollectUnreachable. *tell* is called after every batch with what was sent and how long it has been.
    """
    sent, began = Sent(), time.monotonic()
    while (elapsed := time.monotonic() - began) < seconds:
        due = int(rate * min(seconds, elapsed + 1 / _TICKS)) - sent.events
        now = min(due, max(int(rate), 1))  # of a backlog a second's worth, so that one tick does not grow the next
        _send_batch(collect_url, write_keys, [crowd.next_request() for _ in range(max(now, 0))], sent)
        over = time.monotonic() - began
        sent.behind = max(int(rate * min(seconds, over)) - sent.events, 0)
        tell(sent, over)
        time.sleep(max(0.0, 1 / _TICKS - (over - elapsed)))
    return sent


def _send_batch(collect_url: str, write_keys: Mapping[str, str], requests: list[Request], sent: Sent) -> None:
    batches: dict[str, list[Event]] = {}
    for request in requests:
        if request.link:
            query = urlencode({"aid": request.body["anonymousId"]})
            request.body["context"]["page"]["url"] = click(f"{collect_url}/l/{request.link}?{query}")
            sent.clicks += 1
        stamped = {"messageId": str(uuid.uuid4()), "timestamp": datetime.now(UTC).isoformat(), **request.body}
        batches.setdefault(request.to, []).append(stamped)
    for stream, events in batches.items():
        sent.events += len(events)
        for result in post_events(f"{collect_url}/v1/batch", write_keys[stream], events):
            if result["status"] == "accepted":
                sent.accepted += 1
            else:
                sent.refused += 1
                reason = str(result.get("reason", result["status"]))
                sent.reasons[reason] = sent.reasons.get(reason, 0) + 1
