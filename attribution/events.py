"""Event: what the engine reads of an accepted event."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from attribution.channels import Channel
from attribution.journeys import milliseconds


@dataclass(frozen=True, slots=True)
class Event:
    """
    One accepted event, as far as attribution reads it.

    Parameters
    ----------
    id : str
        The message id.
    kind : str
        track, page, screen, identify, group, alias, click or impression.
    occurred_at, received_at : datetime
        Aware.
    previous_id : str
        The other id of an ``alias`` event.
    value : Decimal or None
        In units of ``currency``; negative for refunds.
    channel, source, medium, campaign : str
        As `traffic_source` and `classify_channel` found them.
    has_source : bool
        False for direct.
    ad_group : str
        The part of the campaign, which clients send as its term; empty for none.
    own_click : str
        The id of the click on a link of ours that led to this page.
    """

    id: str
    kind: str
    occurred_at: datetime
    received_at: datetime
    name: str = ""
    anonymous_id: str = ""
    user_id: str = ""
    previous_id: str = ""
    value: Decimal | None = None
    currency: str = ""
    order_id: str = ""
    channel: str = Channel.DIRECT.value
    source: str = "(direct)"
    medium: str = "(none)"
    campaign: str = ""
    ad_group: str = ""
    has_source: bool = False
    own_click: str = ""
    platform: str = "web"

    @property
    def device_key(self) -> str:
        """The device the event came from, or the user where no device is known; empty without any id."""
        return f"a:{self.anonymous_id}" if self.anonymous_id else self.user_key

    @property
    def user_key(self) -> str:
        """The user the event names; empty without one."""
        return f"u:{self.user_id}" if self.user_id else ""

    @property
    def own_key(self) -> str:
        """The id whose person the event belongs to: the user where there is one."""
        return self.user_key or self.device_key


def first_received(events: Iterable[Event]) -> list[Event]:
    """
    Return the events in order of time, without repetitions.

    Parameters
    ----------
    events : iterable of Event
        In any order. Of several with one id, the first received stays.

    Returns
    -------
    list of Event
        Ordered by time, then sourced before direct, then first received, then id.

    Notes
    -----
    A sourced event comes before a direct one of the same millisecond: the
    landing page opened the visit, the call beside it did not.
    """
    kept: dict[str, Event] = {}
    for event in events:
        seen = kept.get(event.id)
        if seen is None or _arrival(event) < _arrival(seen):
            kept[event.id] = event
    return sorted(kept.values(), key=_place)


def _place(event: Event) -> tuple[int, bool, int, str]:
    return milliseconds(event.occurred_at), not event.has_source, milliseconds(event.received_at), event.id


def _arrival(event: Event) -> tuple[int, int, str]:
    # Two events of one id and one millisecond are told apart by what they say, never by their place in the input.
    return milliseconds(event.received_at), milliseconds(event.occurred_at), repr(event)
