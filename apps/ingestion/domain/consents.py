"""What one call says about consent, and what is remembered of those who spoke before."""

import hashlib
from collections.abc import Iterable

from apps.compliance.api import Consent, consent_state, tcf_state
from apps.ingestion.domain.payload import Consent as Said
from apps.ingestion.domain.payload import Context, Payload
from apps.ingestion.domain.reading import text

PURPOSES = (
    "measurement", "analytics", "performance", "statistics", "marketing", "advertising", "targeting",
    "analytics_storage", "ad_storage", "ad_user_data", "ad_personalization",
)  # fmt: skip
# A field in the body, or the header's own value that a server passes on.
_SIGNALS = (True, "1", "true")
_FROM_STRICTEST = (Consent.DENIED, Consent.MEASUREMENT, Consent.GRANTED)
Keys = tuple[int, ...]


def stated(context: Context | None) -> Consent:
    """Return what the call says itself: a TCF string, else a status, else purposes. Raises BadConsentString."""
    said = context.consent if context is not None else None
    if said is None:
        return Consent.UNKNOWN
    string = said.tcf or said.tc_string
    if string and (said.gdpr_applies is None or said.gdpr_applies):
        return tcf_state(string)
    named = {name: given for name in PURPOSES if (given := getattr(said, name)) is not None}
    status = said.status
    if status is None and said.granted is not None:
        status = str(said.granted)
    return consent_state(
        status=status, preferences={**(said.category_preferences or {}), **(said.purposes or {}), **named}
    )


def signals(context: Context | None) -> bool:
    """Tell whether the call carries Global Privacy Control."""
    if context is None:
        return False
    said: Said | None = context.consent
    return _is_signal(context.gpc) or (said is not None and _is_signal(said.gpc))


def _is_signal(value: object) -> bool:
    return (value.strip().lower() if isinstance(value, str) else value) in _SIGNALS


def why(said: Consent, before: Consent, *, signal: bool) -> str:
    """Return in words why an event is refused."""
    if said is Consent.DENIED:
        return "The person did not agree to be measured."
    if signal:
        return "The browser sends Global Privacy Control."
    if before is Consent.DENIED:
        return "The person refused before to be measured, and says nothing else now."
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
