"""The door for other apps."""

from apps.orgs.addresses import address_of
from apps.orgs.domain import endings
from apps.orgs.domain.access import Access
from apps.orgs.domain.permissions import Permission
from apps.orgs.domain.values import PropertyInfo, PropertyRules, PublicKeyInfo, StreamInfo
from apps.orgs.fields import DomainsField, SpanField, visit_gaps
from apps.orgs.models import Organization, Role
from apps.orgs.queries import (
    access_of,
    account_by_email,
    all_property_ids,
    find_property,
    is_only_organization,
    organization_by_slug,
    organization_ids_of,
    owners_of,
    property_by_id,
    property_by_slugs,
    public_key_by_id,
    regions_of_properties,
    role_in,
    stream_by_write_key,
    streams_of,
)
from apps.orgs.requests import MemberRequest, OrganizationRequest, PropertyRequest
from apps.orgs.rest.access import ApiView
from apps.orgs.rest.doors import PropertyView, TooLarge, require
from apps.orgs.rules import organization_page, property_page
from apps.orgs.services import (
    add_member,
    change_settings,
    create_organization,
    create_property,
    create_stream,
    delete_organization,
    end_membership,
    ensure_account,
    note_public_key,
    note_use,
)
from apps.orgs.wording import METHOD_TITLES

__all__ = [
    "METHOD_TITLES",
    "Access",
    "ApiView",
    "DomainsField",
    "MemberRequest",
    "Organization",
    "OrganizationRequest",
    "Permission",
    "PropertyInfo",
    "PropertyRequest",
    "PropertyRules",
    "PropertyView",
    "PublicKeyInfo",
    "Role",
    "SpanField",
    "StreamInfo",
    "TooLarge",
    "access_of",
    "account_by_email",
    "add_member",
    "address_of",
    "all_property_ids",
    "change_settings",
    "create_organization",
    "create_property",
    "create_stream",
    "delete_organization",
    "end_membership",
    "endings",
    "ensure_account",
    "find_property",
    "is_only_organization",
    "note_public_key",
    "note_use",
    "organization_by_slug",
    "organization_ids_of",
    "organization_page",
    "owners_of",
    "property_by_id",
    "property_by_slugs",
    "property_page",
    "public_key_by_id",
    "regions_of_properties",
    "require",
    "role_in",
    "stream_by_write_key",
    "streams_of",
    "visit_gaps",
]
