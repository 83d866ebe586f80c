"""The door for other apps."""

from apps.compliance.domain.consent import (
    ADVERTISING,
    AGREEING,
    DEFAULT_RULES,
    EUROPE,
    MEASUREMENT,
    REFUSING,
    Consent,
    ConsentRules,
    consent_state,
    decide,
    refuses_advertising,
)
from apps.compliance.domain.tcf import BadConsentString, is_outdated, tcf_choices

__all__ = [
    "ADVERTISING",
    "AGREEING",
    "DEFAULT_RULES",
    "EUROPE",
    "MEASUREMENT",
    "REFUSING",
    "BadConsentString",
    "Consent",
    "ConsentRules",
    "consent_state",
    "decide",
    "is_outdated",
    "refuses_advertising",
    "tcf_choices",
]
