"""The door for other apps."""

from apps.compliance.domain.consent import (
    DEFAULT_RULES,
    EUROPE,
    Consent,
    ConsentRules,
    consent_state,
    decide,
)
from apps.compliance.domain.tcf import BadConsentString, tcf_state

__all__ = [
    "DEFAULT_RULES",
    "EUROPE",
    "BadConsentString",
    "Consent",
    "ConsentRules",
    "consent_state",
    "decide",
    "tcf_state",
]
