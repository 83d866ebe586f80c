"""Who may enter an organization's sign-in settings: its owners."""

from apps.orgs.api import OrganizationRequest as OwnerRequest
from apps.orgs.api import Permission, organization_page

__all__ = ["OwnerRequest", "owner_page"]

owner_page = organization_page(Permission.OWNERSHIP)
