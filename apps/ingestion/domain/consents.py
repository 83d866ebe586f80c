"""What one call says about consent, and what is remembered of those who spoke before."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from apps.compliance.api import Consent, ConsentRules, consent_state, decide, is_outdated, tcf_choices
from apps.ingestion.domain.payload import Consent as Said
from apps.ingestion.domain.payload import Context, Payload
from apps.ingestion.domain.ports import ConsentMemory
from apps.ingestion.domain.reading import text

_PURPOSES = (
    "measurement", "analytics", "performance", "statistics", "marketing", "advertising", "targeting",
    "analytics_storage", "ad_storage", "ad_user_data", "ad_personalization",
)  # fmt: skip
# A field in the body, or the header's own value that a server passes on.
_SIGNALS = (True, "1", "true")
_FROM_STRICTEST = (Consent.DENIED, Consent.MEASUREMENT, Consent.GRANTED)
Keys = tuple[int, ...]


class Stated(NamedTuple):
    """What a call says, and whether that is an agreement whose time is over."""

    consent: Consent
    is_outdated: bool = False


def stated(context: Context | None, *, at: int, months: int) -> Stated:
    """Return what the call says itself: a TCF string, else a status, else purposes. Raises BadConsentString.

    A string is outdated if its choices were older than *months* when the event happened, *at* a millisecond.
    """
    said = context.consent if context is not None else None
    if said is None:
        return Stated(Consent.UNKNOWN)
    string = said.tcf or said.tc_string
    if string and (said.gdpr_applies is None or said.gdpr_applies):
        choices = tcf_choices(string)
        return Stated(choices.consent, is_outdated(choices, at=at, months=months))
    named = {name: given for name in _PURPOSES if (given := getattr(said, name)) is not None}
    status = said.status
    if status is None and said.granted is not None:
        status = str(said.granted)
    preferences = {**(said.category_preferences or {}), **(said.purposes or {}), **named}
    return Stated(consent_state(status=status, preferences=preferences))


def remembered(memory: ConsentMemory, payload: Payload, said: Stated) -> Consent:
    """Note what the person says now, and return what they said last: now, else before."""
    if said.consent is not Consent.UNKNOWN and not said.is_outdated:
        memory.note(payload, said.consent)
    before = memory.state_of(payload)
    if said.is_outdated and before is Consent.GRANTED:
        memory.note(payload, Consent.UNKNOWN)  # what is remembered of that agreement is over with it
    return before


def agreed(said: Stated, before: Consent, *, signal: bool, country: str, rules: ConsentRules) -> Consent:
    """Return GRANTED, MEASUREMENT or DENIED. An outdated agreement says nothing, but what was refused stays refused."""
    if not said.is_outdated:
        return decide(stated=said.consent, signal=signal, remembered=before, country=country, rules=rules)
    unsaid = Consent.UNKNOWN
    return strictest(
        (decide(stated=unsaid, signal=signal, remembered=unsaid, country=country, rules=rules), said.consent, before)
    )


def signals(context: Context | None) -> bool:
    """Tell whether the call carries Global Privacy Control."""
    if context is None:
        return False
    said: Said | None = context.consent
    return _is_signal(context.gpc) or (said is not None and _is_signal(said.gpc))


def _is_signal(value: object) -> bool:
    return (value.strip().lower() if isinstance(value, str) else value) in _SIGNALS


def why(said: Stated, before: Consent, *, signal: bool) -> str:
    """Return in words why an event is refused."""
    if said.consent is Consent.DENIED:
        return "The person did not agree to be measured."
    if signal:
        return "The browser sends Global Privacy Control."
    if before is Consent.DENIED:
        return "The person refused before to be measured, and says nothing else now."
    if said.is_outdated:
        return "The agreement in the consent string is too old: this property needs a new one."
    return "This property needs the person's agreement, and none is known."


def keys_of(payload: Payload, *, property_id: int, secret: bytes) -> Keys:
    """Return the keys under which a person is remembered: nobody without *secret* can tell whose they are."""
    ids = (("a", text(payload.anonymous_id)), ("u", text(payload.user_id)))
    return tuple(_key(f"{property_id}:{kind}:{value}", secret) for kind, value in ids if value)


def strictest(states: Iterable[Consent]) -> Consent:
    """Return what counts of several: a refusal, else the smaller agreement, else nothing."""
    found = set(states)
    return next((state for state in _FROM_STRICTEST if state in found), Consent.UNKNOWN)


def _key(words: str, secret: bytes) -> int:
    digest = hashlib.blake2b(words.encode(), key=secret[:64], digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
