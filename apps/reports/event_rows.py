"""Events as rows of a table, the same on the live page, in its messages and where they are looked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from apps.ingestion import api as ingestion
from apps.orgs import api as orgs
from apps.quality import api as quality
from apps.reports import wording
from apps.reports.addresses import event_url
from apps.reports.domain.charts import channel_number
from apps.reports.story import words

MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event, formatted as far as no template filter does it."""

    message_id: str
    state: str
    state_title: str
    tone: str
    reason: str
    detail: str  # as it is stored
    said: str  # as it is shown
    kind: str
    name: str
    received_at: datetime
    stream: str
    who: str
    page_path: str
    channel: str
    number: int
    source: str
    value: Decimal | None
    currency: str
    country: str
    device: str
    url: str


class Rows:
    """Makes the rows of one property, for one reader."""

    def __init__(self, info: orgs.PropertyInfo, streams: Mapping[int, str], *, sees_personal: bool) -> None:
        self._info, self._streams, self._sees_personal = info, streams, sees_personal

    def of(self, found: Iterable[ingestion.Happening]) -> list[EventRow]:
        """Return the rows in the order given."""
        return [self._row(one) for one in found]

    def _row(self, one: ingestion.Happening) -> EventRow:
        who, path, detail = one.user_id or one.anonymous_id, one.page_path, one.detail
        if not self._sees_personal:
            who = ingestion.masked_id(who)
            path, detail = ingestion.masked_text(path), ingestion.masked_text(detail)
        return EventRow(
            message_id=one.message_id,
            state=one.state,
            state_title=words.state_title(one.state),
            tone=words.TONES.get(one.state, ""),
            reason=one.reason,
            detail=detail or str(words.end_of(one.reason).sentence),
            said=quality.said_of_end(detail) or str(words.end_of(one.reason).sentence),
            kind=one.kind,
            name=one.name,
            received_at=one.received_at,
            stream=self._streams.get(one.stream_id, ""),
            who=who,
            page_path=path,
            channel=wording.channel_title(one.channel),
            number=channel_number(one.channel),
            source=one.source,
            value=one.value,
            currency=one.currency or self._info.currency,
            country=one.country,
            device=one.device,
            url=event_url(self._info, one.message_id) if one.message_id else "",
        )


def rows_for(info: orgs.PropertyInfo, access: orgs.Access) -> Rows:
    """Return the maker of rows for somebody with this access."""
    streams = {stream.pk: stream.name for stream in orgs.streams_of(info.id)}
    return Rows(info, streams, sees_personal=access.may(orgs.Permission.EVENTS_PERSONAL))
