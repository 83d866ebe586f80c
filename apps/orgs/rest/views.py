"""Who asks, and which properties they see."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.orgs import queries
from apps.orgs.domain.access import Access
from apps.orgs.models import ApiKey, Property, User
from apps.orgs.rest.access import ApiView
from apps.orgs.rest.serializers import AccessSerializer, PropertySerializer


class Me(ApiView):
    """The access of whoever asks."""

    needs = None

    @extend_schema(responses=AccessSerializer, operation_id="me", tags=["access"])
    def get(self, request: Request) -> Response:
        """Say who asks, with which permissions, and until when."""
        key = request.auth if isinstance(request.auth, ApiKey) else None
        access: Access | None = request._request.access  # type: ignore[attr-defined]  # noqa: SLF001
        said: dict[str, object] = {
            "kind": "key" if key else "person",
            "name": key.account.name if key else str(request.user),
            "organization": access.organization_slug if access else None,
            "permissions": sorted(access.permissions) if access else [],
            "limits": access.limits if access else {"sources": [], "countries": []},
            "expires_at": key.expires_at if key else None,
        }
        return Response(AccessSerializer(said).data)


class Properties(ApiView):
    """The properties that whoever asks may see."""

    needs = None

    @extend_schema(responses=PropertySerializer(many=True), operation_id="properties", tags=["access"])
    def get(self, request: Request) -> Response:
        """List them."""
        access: Access | None = request._request.access  # type: ignore[attr-defined]  # noqa: SLF001
        if access is None:
            rows = list(queries.properties_of(cast("User", request.user)))  # Allowed lets nobody else in
        else:
            every = Property.objects.filter(organization_id=access.organization_id).select_related("organization")
            rows = [row for row in every if access.reaches(row.pk)]
        said = [
            {
                "id": row.pk,
                "organization": row.organization.slug,
                "slug": row.slug,
                "name": row.name,
                "currency": row.currency,
                "time_zone": row.time_zone,
                "region": row.region,
            }
            for row in rows
        ]
        return Response(PropertySerializer(said, many=True).data)
