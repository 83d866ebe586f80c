"""Kept fixes for programs."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.orgs import api as orgs
from apps.quality import queries, services
from apps.quality.models import FixRule
from apps.quality.rest import serializers as shapes
from apps.quality.rest.doors import ByMethod, given_in, person_of, valid


class Fixes(ByMethod):
    """The kept fixes of a property."""

    needs = orgs.Permission.SETTINGS_READ

    @extend_schema(
        responses=shapes.KeptFixSerializer(many=True), operation_id="fixes", tags=["quality"],
        summary="The kept fixes, in the order in which they are tried",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:  # noqa: ARG002  the framework's signature
        """Return every kept fix, also those that are off."""
        return Response(shapes.KeptFixSerializer(queries.fixes_of(property_id), many=True).data)

    @extend_schema(
        request=shapes.KeptFixSerializer, responses={201: shapes.KeptFixSerializer}, operation_id="keep_fix",
        tags=["quality"], summary="Keep a fix",
    )  # fmt: skip
    def post(self, request: Request, property_id: int) -> Response:
        """Keep a fix: events that fail as they arrive are tried with it, from within five seconds."""
        given = given_in(shapes.KeptFixSerializer, request)
        row = valid(services.add_fix, property_id=property_id, made_by=person_of(request), **given)
        return Response(shapes.KeptFixSerializer(row).data, status=201)


class OneFix(ByMethod):
    """One kept fix."""

    needs = orgs.Permission.SETTINGS_READ

    @extend_schema(responses=shapes.KeptFixSerializer, operation_id="fix", tags=["quality"], summary="One kept fix")
    def get(self, request: Request, property_id: int, fix_id: int) -> Response:  # noqa: ARG002
        """Return one kept fix."""
        return Response(shapes.KeptFixSerializer(_fix(property_id, fix_id)).data)

    @extend_schema(
        request=shapes.KeptFixSerializer, responses=shapes.KeptFixSerializer, operation_id="change_fix",
        tags=["quality"], summary="Change a kept fix, or switch it on and off",
    )  # fmt: skip
    def put(self, request: Request, property_id: int, fix_id: int) -> Response:
        """Change a kept fix; what it repaired stays as it is."""
        row = _fix(property_id, fix_id)
        given = given_in(shapes.KeptFixSerializer, request)
        changed = valid(services.change_fix, property_id=property_id, fix_id=row.pk, **given)
        return Response(shapes.KeptFixSerializer(changed).data)

    @extend_schema(responses={204: None}, operation_id="remove_fix", tags=["quality"], summary="Keep a fix no longer")
    def delete(self, request: Request, property_id: int, fix_id: int) -> Response:  # noqa: ARG002
        """Keep a fix no longer; the record still holds it."""
        services.remove_fix(property_id=property_id, fix_id=_fix(property_id, fix_id).pk)
        return Response(status=204)


def _fix(property_id: int, fix_id: int) -> FixRule:
    row = queries.fixes_of(property_id).filter(pk=fix_id).first()
    if row is None:
        raise Http404
    return row
