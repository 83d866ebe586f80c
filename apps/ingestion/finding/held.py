"""What waits on the log, judged by what is wanted and shown as a row like any other."""

from collections.abc import Iterator

import msgspec

from apps.ingestion.domain.found import WAITING, Happening, WaitingEvent, Wanted
from apps.ingestion.domain.payload import Payload, decode_payload
from apps.ingestion.domain.pipeline import device_key, person_key
from apps.ingestion.domain.reading import text
from apps.ingestion.finding.waiting import waiting


def held(property_id: int, wanted: Wanted) -> Iterator[Happening]:
    """Yield what waits and is wanted, newest first."""
    for one in waiting(property_id):
        row, payload = _row(one)
        if _is_wanted(one, row, payload, wanted):
            yield row


def _row(one: WaitingEvent) -> tuple[Happening, Payload]:
    try:
        payload = decode_payload(one.payload.encode())
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        payload = Payload()
    kind = payload.type or ("track" if payload.event else "")
    who = text(payload.anonymous_id), text(payload.user_id)
    about = (one.received_at, None, one.stream_id, *who, "", "", "", None, "", "", "")
    return Happening(WAITING, "", one.message_id, kind, payload.event or payload.name or "", *about), payload


def _is_wanted(one: WaitingEvent, row: Happening, payload: Payload, wanted: Wanted) -> bool:
    anonymous_id, user_id = row.anonymous_id, row.user_id
    who = {anonymous_id, user_id, text(payload.previous_id)} - {""}
    keys = {device_key(anonymous_id, user_id), person_key(anonymous_id, user_id)}
    is_theirs = not wanted.is_of_somebody or bool(
        wanted.message_id == one.message_id
        or who & set(wanted.ids)
        or keys & {*wanted.person_keys, wanted.device_key}
        or (wanted.device_id and wanted.device_id in one.payload)
    )
    return (
        is_theirs
        and wanted.kind in ("", row.kind)
        and wanted.stream_id in (0, one.stream_id)
        and wanted.name.casefold() in row.name.casefold()
        and wanted.text.casefold() in one.payload.casefold()
        and (not wanted.order_id or wanted.order_id in one.payload)
        and (wanted.since is None or one.received_at >= wanted.since)
        and (wanted.until is None or one.received_at < wanted.until)
    )
