"""What a request is once the door let it through: for types only."""

from django.http import HttpRequest

from apps.orgs.domain.values import PropertyInfo
from apps.orgs.models import User


class MemberRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: User


class PropertyRequest(MemberRequest):
    """A request that `property_page` let in."""

    property: PropertyInfo
