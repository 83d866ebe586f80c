"""What we keep of a directory's people and groups. What we have no use for is taken and dropped, not stored."""

from functools import lru_cache

from scim2_models import ScimPolicy, ScimProvider, ServiceProviderConfig
from scim2_server.service import ScimService
from scim2_server.utils import load_default_resource_types, load_default_schemas

USER, GROUP = "User", "Group"
MOST_RESULTS = 200
_USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
_GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"
_KEPT = frozenset({"userName", "name", "displayName", "active", "emails", "groups"})
_CONFIG = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    "patch": {"supported": True},
    "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
    "filter": {"supported": True, "maxResults": MOST_RESULTS},
    "changePassword": {"supported": False},
    "sort": {"supported": True},
    "etag": {"supported": True},
    "authenticationSchemes": [
        {
            "type": "oauthbearertoken", "name": "Bearer token", "primary": True,
            "description": "A token that an owner made in the sign-in settings of the organization.",
        }
    ],
}  # fmt: skip
# As Microsoft Entra and Okta need it: they send more than one asked for, and paths of their own kind.
_POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)


@lru_cache(maxsize=1)
def service() -> ScimService:
    """Return the protocol of our two resource types; built at the first question, for it takes a while."""
    schemas = load_default_schemas()
    person = schemas[_USER_SCHEMA]
    person.attributes = [one for one in person.attributes or [] if one.name in _KEPT]
    group = schemas[_GROUP_SCHEMA]
    for one in group.attributes or []:  # what a member is called follows from the member
        one.sub_attributes = [part for part in one.sub_attributes or [] if part.name != "display"] or None
    types = load_default_resource_types()
    for kind in types.values():
        kind.schema_extensions = None
    provider = ScimProvider.from_discovery(
        [person, group],
        types.values(),
        config=ServiceProviderConfig.model_validate(_CONFIG),
        policy=_POLICY,
    )
    return ScimService(provider)
