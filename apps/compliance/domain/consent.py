"""Whether a person lets us measure them, from what their client says."""

from collections.abc import Mapping
from enum import StrEnum


class Consent(StrEnum):
    """What is known about a person's agreement."""

    GRANTED = "granted"
    DENIED = "denied"
    UNKNOWN = "unknown"


# The names under which consent platforms file measurement; the first that a client mentions decides.
MEASUREMENT = ("measurement", "analytics", "performance", "statistics", "marketing", "advertising")
_DENIED = frozenset({"denied", "declined", "rejected", "refused", "opt-out", "optout", "no", "false"})
_GRANTED = frozenset({"granted", "accepted", "given", "opt-in", "optin", "yes", "true"})


def consent_state(*, status: str | None, preferences: Mapping[str, bool] | None) -> Consent:
    """Return the person's consent to be measured.

    A plain *status* speaks first. Of the *preferences*, a category of measurement decides; with none of a known
    name, a person who refused every category refused ours too. Nothing said is UNKNOWN, which is not a refusal.
    """
    if status:
        word = status.strip().lower()
        if word in _DENIED:
            return Consent.DENIED
        if word in _GRANTED:
            return Consent.GRANTED
    if not preferences:
        return Consent.UNKNOWN
    by_name = {name.strip().lower(): given for name, given in preferences.items()}
    for name in MEASUREMENT:
        if name in by_name:
            return Consent.GRANTED if by_name[name] else Consent.DENIED
    return Consent.UNKNOWN if any(by_name.values()) else Consent.DENIED
