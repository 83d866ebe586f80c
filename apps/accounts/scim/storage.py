"""Where the protocol reads and writes: one organization's people and groups in PostgreSQL."""

import uuid
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from scim2_models import (
    InvalidValueException,
    MutabilityException,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    SearchRequest,
    UniquenessException,
)
from scim2_server.storage import ScimStorage, SearchPage

from apps.accounts.models import ProvisionedGroup, ProvisionedPerson
from apps.accounts.scim import documents, searching
from apps.accounts.scim.description import USER, service
from apps.accounts.scim.documents import Row
from apps.accounts.services import provisioning
from apps.orgs.api import Organization


class OrganizationStorage(ScimStorage):
    """The people and groups of one organization; there are no others in its sight."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization

    def operation(self) -> AbstractContextManager[None]:
        """Do a request wholly or not at all."""
        return cast("AbstractContextManager[None]", transaction.atomic())

    def get(self, resource_type: ResourceType, resource_id: str, **_: Any) -> Resource[Any]:
        """Return a resource."""
        return self._resource(resource_type, self._row(resource_type, resource_id))

    def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        """Return a page of what matches, of one type or of all."""
        del position
        sources = [(self._rows(kind), partial(self._resource, kind)) for kind in resource_types]
        return searching.search(sources, search_request)

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """Store a new resource and let who it is about in."""
        row: Row
        if resource_type.name == USER:
            person: Any = resource
            with _in_scim_words():
                person.active = True if person.active is None else person.active
                user = provisioning.account_for(organization=self._organization, email=documents.address_of(person))
            row = ProvisionedPerson(organization=self._organization, user=user)
        else:
            row = ProvisionedGroup(organization=self._organization)
        return self._write(resource_type, row, resource)

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        """Replace a resource; who becomes inactive is put out, whose address changes keeps the account."""
        row = self._row(resource_type, str(resource.id), lock=True)
        self._check_version(resource_type, row, expected_version)
        if isinstance(row, ProvisionedPerson):
            with _in_scim_words():
                provisioning.change_address(
                    organization=self._organization, user=row.user, email=documents.address_of(resource)
                )
        return self._write(resource_type, row, resource)

    def delete(self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None) -> None:
        """Delete a resource; a person's membership ends with it."""
        row = self._row(resource_type, resource_id, lock=True)
        self._check_version(resource_type, row, expected_version)
        people = list(row.people.all()) if isinstance(row, ProvisionedGroup) else []
        with _in_scim_words():
            if isinstance(row, ProvisionedPerson):
                provisioning.put_out(row)
            row.delete()
            provisioning.settle(people)

    def _write(self, kind: ResourceType, row: Row, resource: Any) -> Resource[Any]:
        row.external_id = resource.external_id or ""
        touched: set[ProvisionedPerson]
        with _in_scim_words():
            if isinstance(row, ProvisionedPerson):
                row.user_name, row.document = resource.user_name, documents.kept(resource)
                row.is_active = resource.active is not False
                row.save()
                _take_name(row, resource)
                touched = {row}
            else:
                before = set(row.people.all()) if not row._state.adding else set()  # noqa: SLF001  Django's own word
                row.name = resource.display_name
                row.save()
                after = self._people_of(resource)
                row.people.set(after)
                touched = before | after
            provisioning.settle(touched)
        return self._resource(kind, self._row(kind, str(row.pk)))

    def _people_of(self, resource: Any) -> set[ProvisionedPerson]:
        wanted = {str(one.value) for one in resource.members or [] if one.value}
        ids = {one for one in wanted if _is_uuid(one)}
        found = set(ProvisionedPerson.objects.filter(organization=self._organization, pk__in=ids))
        if len(found) != len(wanted):
            raise InvalidValueException(detail="A member of the group is not a User here.")
        return found

    def _rows(self, kind: ResourceType) -> "QuerySet[Any]":
        if kind.name == USER:
            rows = ProvisionedPerson.objects.select_related("user", "organization").prefetch_related("groups")
            return rows.filter(organization=self._organization)
        groups = ProvisionedGroup.objects.prefetch_related("people")
        return groups.filter(organization=self._organization)

    def _row(self, kind: ResourceType, resource_id: str, *, lock: bool = False) -> Row:
        rows = self._rows(kind).select_for_update(of=("self",)) if lock else self._rows(kind)
        row = rows.filter(pk=resource_id).first() if _is_uuid(resource_id) else None
        if row is None:
            raise NotFoundException(detail=f"{kind.name} {resource_id!r} not found")
        return cast("Row", row)

    def _resource(self, kind: ResourceType, row: Row) -> Resource[Any]:
        model = service().get_model(kind)
        if isinstance(row, ProvisionedPerson):
            return documents.person_resource(model, kind, row)
        return documents.group_resource(model, kind, row)

    def _check_version(self, kind: ResourceType, row: Row, expected: str | None) -> None:
        meta = self._resource(kind, row).meta
        if expected is not None and (meta is None or meta.version != expected):
            raise PreconditionFailedException


class _in_scim_words:  # noqa: N801  reads as a phrase
    """Turns what our services refuse into the errors of the protocol."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _at: object) -> None:
        if isinstance(error, provisioning.AddressTaken | IntegrityError):
            raise UniquenessException(detail="This user name, address or display name is taken.") from error
        if isinstance(error, provisioning.LastOwner):
            raise MutabilityException(detail=error.messages[0]) from error
        if isinstance(error, ValidationError):
            raise InvalidValueException(detail=error.messages[0]) from error


def _take_name(row: ProvisionedPerson, resource: Any) -> None:
    """Write the person's name to the account."""
    name = resource.name
    if name is not None:
        row.user.first_name, row.user.last_name = (name.given_name or "")[:150], (name.family_name or "")[:150]
        row.user.save(update_fields=["first_name", "last_name"])


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
