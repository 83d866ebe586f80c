"""The door for other apps."""

from apps.orgs.domain.values import PropertyInfo, PropertyRules, StreamInfo
from apps.orgs.models import Organization, Role
from apps.orgs.queries import (
    all_property_ids,
    find_property,
    has_role,
    organization_by_slug,
    owners_of,
    property_by_id,
    property_by_slugs,
    role_in,
    stream_by_write_key,
    streams_of,
)
from apps.orgs.requests import MemberRequest, PropertyRequest
from apps.orgs.rules import property_page
from apps.orgs.services import (
    add_member,
    change_settings,
    create_organization,
    create_property,
    create_stream,
    delete_organization,
    ensure_account,
    remove_member,
)
from apps.orgs.wording import METHOD_TITLES

__all__ = [
    "METHOD_TITLES",
    "MemberRequest",
    "Organization",
    "PropertyInfo",
    "PropertyRequest",
    "PropertyRules",
    "Role",
    "StreamInfo",
    "add_member",
    "all_property_ids",
    "change_settings",
    "create_organization",
    "create_property",
    "create_stream",
    "delete_organization",
    "ensure_account",
    "find_property",
    "has_role",
    "organization_by_slug",
    "owners_of",
    "property_by_id",
    "property_by_slugs",
    "property_page",
    "remove_member",
    "role_in",
    "stream_by_write_key",
    "streams_of",
]
