"""Schemas and drift for programs."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from apps.orgs import api as orgs
from apps.quality import queries, services
from apps.quality.domain.learning import shape_of
from apps.quality.models import EventSchema
from apps.quality.rest import schema_serializers as shapes
from apps.quality.rest.doors import person_of


class Schemas(orgs.PropertyView):
    """The schemas in force."""

    needs = orgs.Permission.EVENTS

    @extend_schema(
        responses=shapes.SchemaSerializer(many=True), operation_id="schemas", tags=["quality"],
        summary="The learned schemas of events",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:  # noqa: ARG002  the framework's signature
        """Return the newest version of each schema, by name."""
        return Response(shapes.SchemaSerializer(queries.schemas_in_force(property_id), many=True).data)


class OneSchema(orgs.PropertyView):
    """One version of a schema."""

    needs = orgs.Permission.EVENTS

    @extend_schema(
        responses=shapes.WholeSchemaSerializer, operation_id="schema", tags=["quality"],
        summary="One version of a schema, with its fields and what differs from it",
    )  # fmt: skip
    def get(self, request: Request, property_id: int, schema_id: int) -> Response:  # noqa: ARG002
        """Return one version, also one that is not in force any more."""
        return Response(_whole(_schema(property_id, schema_id)))


class AcceptedSchema(orgs.PropertyView):
    """A new version of a schema."""

    needs = orgs.Permission.QUALITY

    @extend_schema(
        request=None, responses={201: shapes.WholeSchemaSerializer}, operation_id="accept_schema", tags=["quality"],
        summary="Make what came in the last week the schema",
    )  # fmt: skip
    def post(self, request: Request, property_id: int, schema_id: int) -> Response:
        """Learn the next version from the last week and close what differs; what is stored keeps its flags."""
        row = _schema(property_id, schema_id)
        made = services.accept_schema(
            property_id=property_id, schema_id=row.pk, made_by=person_of(request), now=timezone.now()
        )
        if made is None:
            raise ValidationError({"non_field_errors": "Too few events came in the last week to learn from."})
        return Response(_whole(made), status=201)


def _schema(property_id: int, schema_id: int) -> EventSchema:
    row = EventSchema.objects.filter(property_id=property_id, pk=schema_id).first()
    if row is None:
        raise Http404
    return row


def _whole(row: EventSchema) -> Any:
    newest = queries.schema_in_force(row.property_id, kind=row.kind, name=row.name)
    said = {
        **shapes.SchemaSerializer(row).data,
        "is_newest": newest is not None and newest.pk == row.pk,
        "fields_seen": [
            {"path": path, "types": list(one.types), "share": one.share, "values": list(one.values or ())}
            for path, one in shape_of(row.fields).items()
        ],
        "drifts": row.drifts.filter(closed_at=None),
    }
    return shapes.WholeSchemaSerializer(said).data
