"""Everyone and everything that an organization consists of."""

from apps.orgs.models.api_key import ApiKey, ServiceAccount
from apps.orgs.models.organization import (
    GRACE,
    CustomRole,
    Grant,
    Invitation,
    Membership,
    Organization,
    Role,
    SupportAccess,
)
from apps.orgs.models.property import Property, PropertySettings, RetiredKey, Stream, new_write_key
from apps.orgs.models.public_key import PublicKey
from apps.orgs.models.user import User

__all__ = [
    "GRACE",
    "ApiKey",
    "CustomRole",
    "Grant",
    "Invitation",
    "Membership",
    "Organization",
    "Property",
    "PropertySettings",
    "PublicKey",
    "RetiredKey",
    "Role",
    "ServiceAccount",
    "Stream",
    "SupportAccess",
    "User",
    "new_write_key",
]
