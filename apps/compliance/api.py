"""The door for other apps."""

from apps.compliance.domain.consent import Consent, consent_state

__all__ = ["Consent", "consent_state"]
