"""What a request is once the door let it through: for types only."""

from django.http import HttpRequest

from apps.orgs.domain.access import Access
from apps.orgs.domain.values import PropertyInfo
from apps.orgs.models import Organization, User


class MemberRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: User


class OrganizationRequest(MemberRequest):
    """A request that `organization_page` let in."""

    organization: Organization
    access: Access


class PropertyRequest(MemberRequest):
    """A request that `property_page` let in."""

    property: PropertyInfo
    access: Access
