"""The stages of one event, in order of time, each with what it took since the one before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from apps.attribution import api as attribution
from apps.ingestion import api as ingestion
from apps.orgs import api as orgs
from apps.quality import api as quality
from apps.reports.story import words
from apps.reports.wording import METHOD_TITLES
from apps.shared.templatetags.figures import money, percent, span


@dataclass(frozen=True, slots=True)
class Stage:
    """One step on the way of an event: its machine name, words, its time (None: not yet), and the time it took."""

    name: str
    title: str
    at: datetime | None
    detail: str
    tone: str = ""
    took: timedelta | None = None
    url: str = ""

    @property
    def delay(self) -> str:
        """Return what it took, in words."""
        return "" if self.took is None else short(self.took)


def stages(
    info: orgs.PropertyInfo,
    found: ingestion.FoundEvent,
    freshness: attribution.Freshness | None,
    parts: Sequence[attribution.JourneyPart],
) -> tuple[Stage, ...]:
    """Return every stage that is known; a message that came several times has several ways."""
    ways = (
        [_timed([*_stored(found), *_flagged(info, found), *_credited(info, found, freshness, parts)])]
        if found.is_stored and freshness is not None
        else []
    )
    ways += [_timed(way) for way in _ends(found.outcomes)]
    ways += [_timed([*_waiting(one)]) for one in found.waiting]
    ways += [[_turned_away(one)] for one in found.turned_away]
    return tuple(stage for way in sorted(ways, key=_first) for stage in way)


def short(took: timedelta) -> str:
    """Write a length of time as it is read at a glance: 12 ms, 1.35 s, 3 d 4 h."""
    seconds = took.total_seconds()
    if abs(seconds) < 1:
        return _("%(count)d ms") % {"count": round(seconds * 1000)}
    if abs(seconds) < 60:
        return f"{seconds:.2f} {_('s')}"
    return span(took)


def _first(way: Sequence[Stage]) -> float:
    return min((stage.at.timestamp() for stage in way if stage.at and stage.name != "happened"), default=0.0)


def _timed(way: list[Stage]) -> list[Stage]:
    timed = way[:1]
    for before, stage in pairwise(way):
        # When it happened is another clock's word: what lies between is no delay of ours.
        is_ours = before.at is not None and stage.at is not None and before.name != "happened"
        timed.append(replace(stage, took=stage.at - before.at) if is_ours else stage)  # type: ignore[operator]
    return timed


def _accepted(context: str) -> str:
    masked = ingestion.masked_in(context)
    words = _("The person agreed to measurement and not to advertising. Masked: %(names)s.")
    return " ".join([_("Accepted at the door."), *([words % {"names": ", ".join(masked)}] if masked else [])])


def _happened(at: datetime) -> Stage:
    return Stage("happened", _("Happened"), at, _("By the sender's clock, corrected by the time of sending."))


def _logged(at: datetime) -> Stage:
    return Stage("logged", _("On the log"), at, _("Safe on disk before the answer."), "good")


def _stored(found: ingestion.FoundEvent) -> Iterator[Stage]:
    at: dict[str, Any] = dict(found.fields)
    yield _happened(at["occurred_at"])
    yield Stage("received", _("Received"), at["received_at"], _accepted(str(at.get("context", ""))), "good")
    yield _logged(at["logged_at"])
    if found.sent is None:
        yield Stage("stored", _("Stored"), at["stored_at"], _("Taken by the writer and stored with its block."), "good")
        return
    taken = _("Read from the log, with no double before it.")
    yield Stage("taken", _("Taken by the writer"), at["stored_at"], taken, "good")
    # The store's clock may be another machine's; nothing is stored before it was taken.
    inserted_at = max(found.sent.inserted_at, at["stored_at"])
    yield Stage("stored", _("Stored"), inserted_at, _("To be read by every report."), "good")


def _flagged(info: orgs.PropertyInfo, found: ingestion.FoundEvent) -> Iterator[Stage]:
    """Yield what a stored event fails, by the names that the expectations have now."""
    flags: Any = found.fields.get("flags")
    stored_at: Any = found.fields["stored_at"]
    if flags:
        names = quality.names_of(info.id)
        said = ", ".join(f"“{names.get(flag, flag)}”" for flag in flags)
        words_of = _("It counts, and fails what is expected: %(names)s.") % {"names": said}
        yield Stage("flagged", _("Flagged"), stored_at, words_of, "warn")


def _credited(
    info: orgs.PropertyInfo,
    found: ingestion.FoundEvent,
    freshness: attribution.Freshness,
    parts: Sequence[attribution.JourneyPart],
) -> Iterator[Stage]:
    from apps.reports.addresses import page_url

    built_at: Any = freshness.built_at
    stored_at: Any = found.fields["stored_at"]
    if not parts:
        is_built = bool(freshness.built_to and freshness.built_to >= stored_at)
        seen = _("Seen by the last computation of journeys: neither a conversion nor a touchpoint before one.")
        waits = _("Waits for the next computation, which starts by itself.")
        words_and_tone = (seen, "good") if is_built else (waits, "warn")
        yield Stage("built", _("In journeys"), built_at if is_built else None, *words_and_tone)
        return
    for part in parts:
        role = str(words.ROLES[part.role]) % {"goal": part.goal_name or part.goal_id}
        url = f"{page_url(info, 'conversion-detail', part.conversion_id)}?goal={part.goal_id}"
        latest = _("Built into the journey of %(id)s at the latest then.") % {"id": part.conversion_id}
        yield Stage("built", role, built_at, latest, "good", url=url)
        yield Stage("credited", _("Credited"), built_at, _credit(info, part), "good" if part.share else "", url=url)


def _credit(info: orgs.PropertyInfo, part: attribution.JourneyPart) -> str:
    method = str(METHOD_TITLES.get(part.method, part.method))
    amount = money(part.money, part.currency or info.currency)
    if part.share is not None:
        said = _("%(share)s of the credit, %(money)s, by “%(method)s”.")
        return f"{said % {'share': percent(part.share), 'money': amount, 'method': method}} {part.why}".strip()
    if part.role == "touchpoint":
        return _("“%(method)s” has learned nothing for this goal yet.") % {"method": method}
    said = _("Worth %(money)s, given to the touchpoints before it by “%(method)s”.")
    return f"{said % {'money': amount, 'method': method}} {part.why}".strip()


def _waiting(one: ingestion.WaitingEvent) -> Iterator[Stage]:
    received = _("Accepted at the door.") if one.is_accepted else _("Not accepted; the sender was told why.")
    yield Stage("received", _("Received"), one.received_at, received, "good" if one.is_accepted else "bad")
    yield _logged(one.logged_at)
    yield Stage("stored", _("Stored"), None, _("Waits for the writer."), "warn")


def _turned_away(one: ingestion.TurnedAway) -> Stage:
    """Return the stage of a call that was not taken: nothing of it is kept but that it came."""
    end = words.end_of(one.reason)
    answered = _("The call was answered %(status)d (%(reason)s), and nothing of it was taken.")
    said = (answered % {"status": one.status, "reason": one.reason}, end.sentence, end.advice)
    detail = " ".join(str(part) for part in said if part)
    return Stage("turned_away", words.state_title("turned_away"), one.at, detail, "bad")


def _ends(outcomes: Sequence[ingestion.FoundOutcome]) -> list[list[Stage]]:
    """Return the way of each copy that had another end; what became later of one in quarantine goes on its way."""
    ways: dict[object, list[Stage]] = {}
    for number, outcome in enumerate(outcomes):
        is_later = outcome.outcome in _LATER and outcome.received_at in ways
        key = outcome.received_at if is_later or outcome.received_at not in ways else number
        way = ways.setdefault(key, [*_came(outcome)])
        if outcome.logged_at:  # each time anew: what is replayed goes through the log again
            way.append(_logged(outcome.logged_at))
        way.append(_ended(outcome))
    return list(ways.values())


def _came(outcome: ingestion.FoundOutcome) -> Iterator[Stage]:
    if outcome.occurred_at:
        yield _happened(outcome.occurred_at)
    yield Stage("received", _("Received"), outcome.received_at, _("Came to the door."))


_LATER = frozenset({"quarantined", "replayed", "discarded", "restored"})


def _ended(outcome: ingestion.FoundOutcome) -> Stage:
    end = words.end_of(outcome.reason)
    said = [str(words.EXPLAINED.get(outcome.outcome, "")), str(end.sentence)]
    said.append(_("Reason: %(reason)s.") % {"reason": outcome.reason})
    if outcome.field:
        said.append(_("Field: %(field)s.") % {"field": outcome.field})
    detail = quality.said_of_end(outcome.detail)
    said += [detail if not detail or detail[-1] in ".!?" else f"{detail}.", str(end.advice)]
    tone = words.TONES.get(outcome.outcome, "bad")
    title = words.state_title(outcome.outcome)
    return Stage(outcome.outcome, title, outcome.decided_at, " ".join(one for one in said if one), tone)
