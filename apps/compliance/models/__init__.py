"""The record, how long it is kept, and who else receives it."""

from apps.compliance.models.record import AuditChain, AuditEntry
from apps.compliance.models.retention import LONGEST, SHORTEST, AuditRetention, AuditSeal
from apps.compliance.models.stream import AuditDelivery, AuditEndpoint

__all__ = [
    "LONGEST",
    "SHORTEST",
    "AuditChain",
    "AuditDelivery",
    "AuditEndpoint",
    "AuditEntry",
    "AuditRetention",
    "AuditSeal",
]
