"""Cut a device's events into visits, and name what can earn credit."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import groupby
from typing import Final

from attribution.events import Event, first_received
from attribution.journeys import TouchKind, Touchpoint, milliseconds

VISIT_GAP: Final = timedelta(minutes=30)
# What keeps a visit alive, and what can open one without a source: a `track` alone is often a server's word
# (an order, a renewal), and a visit that nobody made must not take credit as direct.
ACTIVITY_KINDS: Final = frozenset({"page", "screen", "track"})
OPENING_KINDS: Final = frozenset({"page", "screen"})
_TOUCH_KINDS: Final = {"click": TouchKind.CLICK, "impression": TouchKind.VIEW}


def touchpoints_of(
    events: Iterable[Event], *, visit_gap: timedelta = VISIT_GAP, campaign_opens: bool = True
) -> list[tuple[Event, Touchpoint]]:
    """
    Return every touchpoint among the events, each with its event.

    Clicks and impressions are touchpoints themselves. Of pages, screens and
    tracks, those that open a visit are.

    Parameters
    ----------
    events : iterable of Event
        Of any number of devices, in any order, repetitions allowed.
    visit_gap : timedelta
        A longer silence of the device ends a visit; one of exactly this
        length does not.
    campaign_opens : bool
        Whether another source, medium or campaign opens a visit while one
        with a source is under way.

    Returns
    -------
    list of (Event, Touchpoint)

    Notes
    -----
    Time O(n log n).
    """
    ordered = first_received(events)
    found = [(event, _touchpoint(event, _TOUCH_KINDS[event.kind])) for event in ordered if event.kind in _TOUCH_KINDS]
    active = [event for event in ordered if event.kind in ACTIVITY_KINDS]
    active.sort(key=lambda event: event.device_key)  # stable: still in order of time within a device
    for _, device_events in groupby(active, key=lambda event: event.device_key):
        found += [
            (event, _touchpoint(event, TouchKind.VISIT))
            for event in _openings(device_events, visit_gap, campaign_opens)
        ]
    return found


def _openings(events: Iterable[Event], visit_gap: timedelta, campaign_opens: bool) -> Iterator[Event]:
    """
    Yield the events of one device that open a visit.

    A visit opens with a page, a screen or a sourced event when none is under
    way, and with a sourced event whose source, medium or campaign differ from
    those that the visit under way opened with (only with a source where
    another campaign does not open one: then the first source stays). A direct
    event never interrupts: it continues.
    """
    opening: Event | None = None
    silent_since: int | None = None
    for event in events:
        now = milliseconds(event.occurred_at)
        if silent_since is not None and now - silent_since > visit_gap // timedelta(milliseconds=1):
            opening = None
        silent_since = now
        if opening is None:
            opens = event.has_source or event.kind in OPENING_KINDS
        else:
            is_another = campaign_opens or not opening.has_source
            opens = event.has_source and is_another and _campaign_of(event) != _campaign_of(opening)
        if opens:
            opening = event
            yield event


def _campaign_of(event: Event) -> tuple[str, str, str] | None:
    return (event.source, event.medium, event.campaign) if event.has_source else None


def _touchpoint(event: Event, kind: TouchKind) -> Touchpoint:
    return Touchpoint(
        id=event.id,
        kind=kind,
        touched_at=event.occurred_at,
        received_at=event.received_at,
        channel=event.channel,
        source=event.source,
        medium=event.medium,
        campaign=event.campaign,
        ad_group=event.ad_group,
    )
