"""Events leave quarantine: replayed as they are or fixed, or discarded for a reason, which can be taken back.

Each step leaves a row behind (R9).

The log comes first, then the row. A crash in between sends some of them a second time, which the writer recognises: the
same id, received at the same moment (R2).
"""

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import F

from apps.ingestion import api as ingestion
from apps.orgs import api as orgs
from apps.quality import queries
from apps.quality.domain import fixes, rules
from apps.quality.domain.fixes import Fix
from apps.quality.models import Release
from apps.quality.queries.quarantine import RESTORABLE, WAITS, Selection, in_parts, selection_of
from apps.shared import metrics

Clock = Callable[[], datetime]
Kind, Status = Release.Kind, Release.Status
_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|\\.")
LOST_AFTER = timedelta(minutes=10)
SHOWN = 5


class NothingWaits(LookupError):
    """No event of the selection waits in quarantine."""


class ReleaseOver(Exception):
    """The release has ended: it is left alone."""


class Change(NamedTuple):
    """What a fix makes of one event."""

    message_id: str
    before: str
    after: str
    still_fails: str


def fix_of(stored: dict[str, Any] | None) -> Fix | None:
    """Return a fix from its JSON. Raises BadRule."""
    if not stored:
        return None
    fixes.check(stored.get("field", ""), stored.get("action", ""), stored.get("parameters", {}))
    return Fix(stored["field"], fixes.Action(stored["action"]), stored.get("parameters", {}))


def preview_fix(*, property_id: int, selection: Selection, fix: dict[str, Any]) -> tuple[int, int, list[Change]]:
    """Return how many of how many waiting events (500 at most are looked at) *fix* changes, and some of them."""
    made = fix_of(fix)
    part = queries.waiting(property_id, selection)
    changes: list[Change] = []
    changed = 0
    for one in part:
        payload, did = _fixed(one.payload, made)
        changed += did
        if did and len(changes) < SHOWN:
            changes.append(Change(one.message_id, pretty(one.payload), pretty(payload), ""))
    return changed, len(part), changes


def ask_release(
    *,
    property_id: int,
    kind: str,
    selection: Selection,
    fix: dict[str, Any] | None,
    note: str,
    asked_by: Any,
    now: datetime,
) -> Release:
    """Note that events are to leave quarantine, or to come back; a task does it. Raises NothingWaits or BadRule."""
    fix_of(fix)
    if kind == Kind.DISCARD and not note.strip():
        raise rules.BadRule("note", "Say why these events are discarded.")
    total = queries.count(property_id, selection, state=_STATES[Kind(kind)])
    if not total:
        raise NothingWaits
    return Release.objects.create(
        property_id=property_id,
        kind=kind,
        selection=selection.stored(),
        fix=fix if kind == Kind.REPLAY else None,
        note=note.strip()[:300],
        total=total,
        asked_by=asked_by if isinstance(asked_by, get_user_model()) else None,
        asked_for=str(getattr(asked_by, "name", "") or asked_by or "")[:200],
        asked_at=now,
    )


def take_back(*, run: Release, asked_by: Any, now: datetime) -> Release:
    """Have everything wait again that a release has discarded. Raises NothingWaits."""
    chosen = selection_of(run.selection)._replace(state="", release_id=run.pk)
    return ask_release(
        property_id=run.property_id, kind=Kind.RESTORE, selection=chosen, fix=None, note="", asked_by=asked_by, now=now
    )


def run_release(*, property_id: int, release_id: int, clock: Clock) -> Release:
    """Do what a release asks for. Safe to repeat after a crash. Raises ReleaseOver."""
    with transaction.atomic():
        run = Release.objects.select_for_update().filter(property_id=property_id, pk=release_id).first()
        if run is None or not run.is_active():
            raise ReleaseOver(release_id)
        run.status = Status.RUNNING
        run.save(update_fields=["status"])
    try:
        _work(run, clock)
        run.status = Status.SUCCEEDED
    except Exception as error:
        run.status, run.error = Status.FAILED, f"{type(error).__name__}: {error}"[:2000]
        raise
    finally:
        run.finished_at = clock()
        run.save(update_fields=["status", "error", "finished_at"])
    run.refresh_from_db(fields=["done"])
    return run


def end_lost_releases(*, now: datetime) -> list[Release]:
    """Return the releases that wait or run for too long, so that they are begun again: their worker is gone."""
    return list(Release.objects.filter(status__in=Release.ACTIVE, asked_at__lt=now - LOST_AFTER, finished_at=None))


def _work(run: Release, clock: Clock) -> None:
    info = orgs.property_by_id(run.property_id)
    kinds = {stream.pk: stream.kind for stream in orgs.streams_of(run.property_id)}
    fix, state = fix_of(run.fix), _STATES[Kind(run.kind)]
    for chosen in in_parts(run.property_id, selection_of(run.selection), state=state):
        with transaction.atomic():
            _wait_for_turn(run.property_id)
            part = _decided(queries.waiting(run.property_id, chosen, state=state), clock())
            if run.kind == Kind.REPLAY:
                _replay(run, info, kinds, part, fix)
            else:
                end = _ENDS[Kind(run.kind)]
                _end(run, part, [end] * len(part), [end] * len(part), [run.note] * len(part))
            # Another worker may be at the same release, where this one was taken for lost.
            Release.objects.filter(pk=run.pk).update(done=F("done") + len(part))
            run.save(update_fields=["changed", "refused"])


def _decided(part: Sequence[ingestion.Kept], now: datetime) -> list[ingestion.Kept]:
    """Return *part* with when it is decided now, which is after its last decision: a clock may be set back."""
    moment = int(now.timestamp() * 1000)
    return [one._replace(decided_at=max(moment, one.decided_at + 1)) for one in part]


def _wait_for_turn(property_id: int) -> None:
    """Let one part after the other leave: an event that one release replays is not discarded by another meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_TURNS, property_id % 2**31])


_TURNS = 0x51554152  # what keeps these locks apart from other advisory locks: "QUAR"
_STATES = {Kind.REPLAY: WAITS, Kind.DISCARD: WAITS, Kind.RESTORE: RESTORABLE}
_ENDS = {Kind.DISCARD: "discarded", Kind.RESTORE: "restored"}


def _replay(
    run: Release,
    info: orgs.PropertyInfo,
    kinds: dict[int, str],
    part: Sequence[ingestion.Kept],
    fix: Fix | None,
) -> None:
    able = [one for one in part if one.kind]
    run.refused += len(part) - len(able)  # could not be read at all: stays where it is
    made = [_fixed(one.payload, fix) for one in able]
    sent = [one._replace(payload=payload) for one, (payload, _did) in zip(able, made, strict=True)]
    answers = ingestion.replay(info, sent, stream_kinds=kinds)
    outcomes, reasons, details = [], [], []
    for answer, (_payload, did) in zip(answers, made, strict=True):
        reason = "fixed" if did else "replayed"
        run.changed += did
        run.refused += answer.dropped is not None
        is_gone = not answer.is_sent and answer.dropped is not None
        outcomes.append("discarded" if is_gone else "replayed")
        reasons.append(answer.dropped.reason if is_gone and answer.dropped else reason)
        details.append(answer.dropped.detail if is_gone and answer.dropped else "")
    _end(run, able, outcomes, reasons, details)


def _end(
    run: Release,
    part: Sequence[ingestion.Kept],
    outcomes: Sequence[str],
    reasons: Sequence[str],
    details: Sequence[str],
) -> None:
    """Write down how each of *part* left."""
    if not part:
        return
    by = f"Release {run.pk} by {run.asked_for or 'the system'}"
    size = len(part)
    ingestion.store_outcomes(
        {
            "property_id": [run.property_id] * size,
            "stream_id": [one.stream_id for one in part],
            "message_id": [one.message_id for one in part],
            "outcome": list(outcomes),
            "reason": list(reasons),
            "detail": [f"{by}: {detail}" if detail else f"{by}." for detail in details],
            "received_at": [one.received_at for one in part],
            "decided_at": [one.decided_at for one in part],
            "release_id": [run.pk] * size,
        },
        token=f"release-{run.pk}-{part[0].message_id}",
    )
    for outcome in set(outcomes):
        metrics.events_released.labels(outcome).inc(list(outcomes).count(outcome))


def _fixed(payload: bytes, fix: Fix | None) -> tuple[bytes, bool]:
    if fix is None:
        return payload, False
    try:
        fresh, made = fixes.fixed(payload, [fix])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return payload, False  # what is no JSON fails again, and says so
    return fresh, bool(made)


def pretty(payload: bytes) -> str:
    """Return JSON with its structure and its letters shown; numbers, and what is no JSON, stay as they are."""
    try:
        return _ESCAPES.sub(_letters, msgspec.json.format(payload, indent=2).decode())
    except (msgspec.MsgspecError, UnicodeError):
        return payload.decode("utf-8", "replace")


def _letters(escape: re.Match[str]) -> str:
    """Return what can be read of escaped letters: programs send \\u0438 for и. Signs that hide or turn text stay."""
    if not escape[0].startswith("\\u"):
        return escape[0]
    read: str = json.loads(f'"{escape[0]}"')
    return "".join(one if one > "\x7f" and one.isprintable() else json.dumps(one)[1:-1] for one in read)
