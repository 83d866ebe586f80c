"""Breaches for programs."""

from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from apps.orgs import api as orgs
from apps.quality import queries, services
from apps.quality.rest import breach_serializers as shapes
from apps.quality.rest.doors import given_in, person_of

MOST = 100


class Breaches(orgs.PropertyView):
    """When streams did not keep to what is expected of them."""

    needs = orgs.Permission.EVENTS

    @extend_schema(
        parameters=[shapes.BreachQuery], responses=shapes.BreachSerializer(many=True), operation_id="breaches",
        tags=["quality"], summary="When freshness or volume was not as expected",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:
        """Return the last hundred breaches, newest first."""
        asked = shapes.BreachQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rows = queries.breaches_of(property_id)
        if asked.validated_data["open"]:
            rows = rows.filter(ended_at=None)
        return Response(shapes.BreachSerializer(rows[:MOST], many=True).data)


class SeenBreach(orgs.PropertyView):
    """A breach that somebody has seen."""

    needs = orgs.Permission.QUALITY

    @extend_schema(
        request=None, responses=shapes.BreachSerializer, operation_id="see_breach", tags=["quality"],
        summary="Say that a breach, or its end, was seen",
    )  # fmt: skip
    def post(self, request: Request, property_id: int, breach_id: int) -> Response:
        """Stop the pages from saying so; the end of a breach that lasts is a notice of its own."""
        rows = queries.breaches_of(property_id).filter(pk=breach_id)
        if not rows.exists():
            raise Http404
        services.see_breach(
            property_id=property_id, breach_id=breach_id, seen_by=person_of(request), now=timezone.now()
        )
        return Response(shapes.BreachSerializer(rows.get()).data)


class BreachMail(orgs.PropertyView):
    """Whether the person who asks is mailed."""

    needs = orgs.Permission.EVENTS

    @extend_schema(
        responses=shapes.BreachMailSerializer, operation_id="breach_mail", tags=["quality"],
        summary="Whether you are mailed about breaches",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:
        """Tell whether the person who asks is mailed; a program never is."""
        person = person_of(request)
        is_on = person is not None and queries.reads_breaches(property_id, user=person)
        return Response({"enabled": is_on})

    @extend_schema(
        request=shapes.BreachMailSerializer, responses=shapes.BreachMailSerializer, operation_id="change_breach_mail",
        tags=["quality"], summary="Be mailed about breaches, or no more",
    )  # fmt: skip
    def put(self, request: Request, property_id: int) -> Response:
        """Mail the person who asks once when a breach begins and once when it ends, or no more."""
        given, person = given_in(shapes.BreachMailSerializer, request), person_of(request)
        if person is None:
            raise ValidationError({"enabled": "Only people are mailed: a program reads the breaches."})
        services.read_breaches(
            property_id=property_id, user=person, is_on=given["enabled"], language=get_language() or "en",
            now=timezone.now(),
        )  # fmt: skip
        return Response({"enabled": given["enabled"]})
