"""What an expectation would have found in the last days."""

from datetime import datetime, timedelta
from typing import NamedTuple

from apps.ingestion.domain.events import Event
from apps.quality.domain.fields import subject
from apps.quality.domain.plans import Failure
from apps.quality.domain.rules import OF_EVENTS, Rule, matches
from apps.quality.queries.expectations import drafted
from apps.quality.queries.samples import event_names, sample

DAYS, SHOWN, _MOST = 7, 5, 20_000


class NoPreview(Exception):
    """What has not come cannot be looked at."""


class Failing(NamedTuple):
    """One event that would have failed."""

    message_id: str
    subject: str
    received_at: int
    detail: str


class Preview(NamedTuple):
    """How many of how many would have failed, some of them, and whether all were looked at."""

    failed: int
    of: int
    total: int
    some: list[Failing]

    @property
    def is_whole(self) -> bool:
        """Tell whether every event was looked at."""
        return self.of == self.total


def preview(property_id: int, rule: Rule, *, now: datetime) -> Preview:
    """Return what *rule* would have found among the stored events of the last days. Raises NoPreview."""
    if rule.kind not in OF_EVENTS:
        raise NoPreview(rule.kind)
    since = now - timedelta(days=DAYS)
    subjects = sorted({subject(one.kind, one.name) for one in event_names(property_id, since=since, most=5_000)})
    about = [one for one in subjects if matches(rule.event, one)]
    if not about:
        return Preview(0, 0, 0, [])
    sampled = sample(property_id, subjects=about, stream_id=rule.stream_id, since=since, most=_MOST)
    plan = drafted(property_id, rule)
    failing = [(event, found[0]) for event in sampled.events if (found := plan.failures(event))]
    some = [_failing(event, failure) for event, failure in failing[:SHOWN]]
    return Preview(len(failing), len(sampled.events), sampled.total, some)


def _failing(event: Event, failure: Failure) -> Failing:
    detail = f"{failure.field} {failure.detail}"
    return Failing(event.message_id, subject(event.kind, event.name), event.received_at, detail)
