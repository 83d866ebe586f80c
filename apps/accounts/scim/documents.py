"""Rows as SCIM resources and back."""

from typing import Any

from scim2_models import Meta, Resource, ResourceType

from apps.accounts.models import ProvisionedGroup, ProvisionedPerson

Row = ProvisionedPerson | ProvisionedGroup
_NOT_KEPT = ("id", "meta", "groups", "members", "externalId", "userName")


def person_resource(model: type[Resource[Any]], kind: ResourceType, row: ProvisionedPerson) -> Resource[Any]:
    """Return a person; the groups are those that the directory has put them in."""
    groups = [
        {"value": str(one.pk), "display": one.name, "$ref": f"Groups/{one.pk}", "type": "direct"}
        for one in row.groups.all()
    ]
    document = {**row.document, "userName": row.user_name, "groups": groups or None}
    return _resource(model, kind, row, document)


def group_resource(model: type[Resource[Any]], kind: ResourceType, row: ProvisionedGroup) -> Resource[Any]:
    """Return a group with its people."""
    members = [{"value": str(one.pk), "$ref": f"Users/{one.pk}", "type": "User"} for one in row.people.all()]
    return _resource(model, kind, row, {"displayName": row.name, "members": members or None})


def kept(resource: Resource[Any]) -> dict[str, Any]:
    """Return what of a person's resource has no column of its own."""
    document: dict[str, Any] = resource.model_dump(mode="json")
    return {name: value for name, value in document.items() if name not in _NOT_KEPT}


def address_of(resource: Any) -> str:
    """Return the address that a person signs in with: the primary one, else the first, else the user name."""
    addresses = [one for one in resource.emails or [] if one.value]
    primary = next((one for one in addresses if one.primary), addresses[0] if addresses else None)
    return str(primary.value if primary else resource.user_name or "")


def _resource(model: type[Resource[Any]], kind: ResourceType, row: Row, document: dict[str, Any]) -> Resource[Any]:
    known = {name: value for name, value in document.items() if value is not None}
    made = model.model_validate({**known, "id": str(row.pk), "externalId": row.external_id or None})
    made.meta = Meta(
        resource_type=kind.name, created=row.made_at, last_modified=row.changed_at,
        version=f'W/"{row.changed_at.timestamp():.6f}"',
    )  # fmt: skip
    return made
