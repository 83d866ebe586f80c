"""Sources that a property takes back: referrers that it excludes after their events came in."""

from collections.abc import Iterable
from dataclasses import replace

from attribution.channels import Channel
from attribution.events import Event
from attribution.sources import DIRECT

REFERRAL = "referral"


def without_sources(events: Iterable[Event], hosts: frozenset[str]) -> list[Event]:
    """
    Return events of which those that a host referred are direct.

    Parameters
    ----------
    events : iterable of Event
        As they were collected.
    hosts : frozenset of str
        Lower-case hosts without ``www.``; each stands for itself and
        everything below it.

    Returns
    -------
    list of Event
        In the order given. Only what came without tags and click ids has its
        referrer for a source; search engines and social sites are sources by
        their name and stay.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    >>> paid = Event("1", "page", noon, noon, source="pay.example", medium="referral", has_source=True)
    >>> without_sources([paid], frozenset({"pay.example"}))[0].has_source
    False
    """
    return [_without(event, hosts) for event in events]


def _without(event: Event, hosts: frozenset[str]) -> Event:
    if not event.has_source or event.medium != REFERRAL or event.campaign or not _is_listed(event.source, hosts):
        return event
    channel = Channel.DIRECT.value
    return replace(event, channel=channel, source=DIRECT.source, medium=DIRECT.medium, has_source=False)


def _is_listed(source: str, hosts: frozenset[str]) -> bool:
    return any(source == host or source.endswith(f".{host}") for host in hosts)
