"""What one call says about consent, and what is remembered of those who spoke before."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from apps.compliance.api import (
    BadConsentString,
    Consent,
    ConsentRules,
    consent_state,
    decide,
    is_outdated,
    refuses_advertising,
    tcf_choices,
)
from apps.ingestion.domain.payload import Consent as Said
from apps.ingestion.domain.payload import Context, Payload, decode_payload
from apps.ingestion.domain.ports import ConsentMemory
from apps.ingestion.domain.reading import text

# Names that may stand beside `purposes`, too.
PURPOSES = (
    "measurement", "analytics", "performance", "statistics", "marketing", "advertising", "targeting",
    "analytics_storage", "ad_storage", "ad_user_data", "ad_personalization",
)  # fmt: skip
# A field in the body, or the header's own value that a server passes on.
_SIGNALS = (True, "1", "true")
_FROM_STRICTEST = (Consent.DENIED, Consent.MEASUREMENT, Consent.GRANTED)
_REFUSALS = frozenset({Consent.DENIED, Consent.MEASUREMENT})  # the second is one of advertising
Keys = tuple[int, ...]


class Stated(NamedTuple):
    """What a call says, whether that is an agreement whose time is over, and whether it refuses advertising."""

    consent: Consent
    is_outdated: bool = False
    refuses_ads: bool = False  # also where nothing is said of measurement


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
    named = {name: given for name in PURPOSES if (given := getattr(said, name)) is not None}
    status = said.status
    if status is None and said.granted is not None:
        status = str(said.granted)
    preferences = {**(said.category_preferences or {}), **(said.purposes or {}), **named}
    consent = consent_state(status=status, preferences=preferences)
    return Stated(consent, refuses_ads=refuses_advertising(preferences))


def remembered(memory: ConsentMemory, payload: Payload, said: Stated) -> Consent:
    """Note what the person says now, and return what they said last: now, else before."""
    if said.consent is not Consent.UNKNOWN and not said.is_outdated:
        memory.note(payload, said.consent)
    before = memory.state_of(payload)
    if said.refuses_ads and said.consent is Consent.UNKNOWN and before is Consent.GRANTED:
        memory.note(payload, Consent.MEASUREMENT)
    if said.is_outdated and before is Consent.GRANTED:
        memory.note(payload, Consent.UNKNOWN)  # what is remembered of that agreement is over with it
    return before


def hear(memory: ConsentMemory, raw: bytes, *, at: int, months: int) -> None:
    """Note what the person says in an event that is refused for something else: a wrong clock makes no no a yes."""
    try:
        payload = decode_payload(raw)
        said = stated(payload.context, at=at, months=months)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, BadConsentString):
        return
    if said.consent in _REFUSALS:
        memory.note(payload, said.consent)


def agreed(said: Stated, before: Consent, *, signal: bool, country: str, rules: ConsentRules) -> Consent:
    """Return GRANTED, MEASUREMENT or DENIED. An outdated agreement says nothing, but what was refused stays refused."""
    if not said.is_outdated:
        found = decide(stated=said.consent, signal=signal, remembered=before, country=country, rules=rules)
        return Consent.MEASUREMENT if found is Consent.GRANTED and said.refuses_ads else found
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


def may_have_refused(memory: ConsentMemory, raw: bytes) -> bool:
    """Tell whether the person of an event that is refused for something else said no, or could have.

    What names nobody, or cannot be read, may be anybody's.
    """
    if memory.is_idle:
        return False
    try:
        payload = decode_payload(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return True
    is_named = text(payload.anonymous_id) or text(payload.user_id)
    return not is_named or memory.state_of(payload) in _REFUSALS


def keys_of(payload: Payload, *, property_id: int, secret: bytes) -> Keys:
    """Return the keys under which a person is remembered: nobody without *secret* can tell whose they are."""
    before = text(payload.previous_id)  # of either kind
    ids = (("a", text(payload.anonymous_id)), ("u", text(payload.user_id)), ("a", before), ("u", before))
    return tuple(_key(f"{property_id}:{kind}:{value}", secret) for kind, value in ids if value)


def strictest(states: Iterable[Consent]) -> Consent:
    """Return what counts of several: a refusal, else the smaller agreement, else nothing."""
    found = set(states)
    return next((state for state in _FROM_STRICTEST if state in found), Consent.UNKNOWN)


def _key(words: str, secret: bytes) -> int:
    digest = hashlib.blake2b(words.encode(), key=secret[:64], digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
