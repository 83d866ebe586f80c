"""Everyone and everything that an organization consists of."""

from apps.orgs.models.organization import Membership, Organization, Role
from apps.orgs.models.property import Property, PropertySettings, Stream
from apps.orgs.models.user import User

__all__ = ["Membership", "Organization", "Property", "PropertySettings", "Role", "Stream", "User"]
