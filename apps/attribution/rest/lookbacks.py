"""Lookbacks of sources, campaigns and ad groups for programs."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from apps.attribution import queries, services
from apps.attribution.domain.lookbacks import BadOverrides, stored_overrides
from apps.orgs import api as orgs


class MovedOn(APIException):
    """Somebody else changed them meanwhile."""

    status_code = 409
    default_detail = "Somebody changed the lookbacks meanwhile: read them again."
    default_code = "moved_on"


class LookbackSerializer(serializers.Serializer):
    """The lookbacks of one source, campaign or ad group, or of several of these at once."""

    vars()["source"] = serializers.CharField(required=False, allow_blank=True, max_length=300)
    campaign = serializers.CharField(required=False, allow_blank=True, max_length=300)
    ad_group = serializers.CharField(required=False, allow_blank=True, max_length=300)
    click = serializers.FloatField(required=False, help_text="Hours, 1 to 2160; left out: the next less specific.")
    view = serializers.FloatField(required=False, help_text="Hours, 1 to 168; left out: the next less specific.")


class LookbacksSerializer(serializers.Serializer):
    """The lookbacks in force, and their version."""

    version = serializers.IntegerField(help_text="0 before there were any.")
    applies_from = serializers.DateTimeField(
        allow_null=True, read_only=True, help_text="The first conversions that follow them; null: all of them."
    )
    overrides = LookbackSerializer(many=True)


class ChangeSerializer(serializers.Serializer):
    """A change of the lookbacks."""

    version = serializers.IntegerField(min_value=0, help_text="The version that was read before.")
    overrides = LookbackSerializer(many=True)
    covers_past = serializers.BooleanField(default=False, help_text="Whether conversions of the past follow, too.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")


class Lookbacks(orgs.PropertyView):
    """Lookbacks of sources, campaigns and ad groups."""

    needs = orgs.Permission.JOURNEYS  # they name sources, so whoever is limited to some sees none

    @extend_schema(
        responses=LookbacksSerializer, operation_id="lookbacks", tags=["credit"],
        summary="Lookbacks of sources, campaigns and ad groups",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:  # noqa: ARG002  the framework's signature
        """Return the lookbacks for what happens from now on."""
        return Response(_said(property_id))

    @extend_schema(
        request=ChangeSerializer, responses=LookbacksSerializer, operation_id="lookbacks_change", tags=["credit"],
        summary="Change the lookbacks of sources, campaigns and ad groups",
    )  # fmt: skip
    def put(self, request: Request, property_id: int) -> Response:
        """Make a new version: for conversions from now on, or for those of the past as well."""
        orgs.require(request, orgs.Permission.SETTINGS)
        asked = ChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        try:
            services.change_lookbacks(
                property_id=property_id,
                seen_version=given["version"],
                overrides=[dict(one) for one in given["overrides"]],
                covers_past=given["covers_past"],
                made_by=request.user if getattr(request.user, "email", "") else None,
                now=timezone.now(),
                note=given["note"].replace("\x00", ""),
            )
        except BadOverrides as error:
            number, code = error.args
            raise serializers.ValidationError({"overrides": f"Override {number}: {code}."}) from error
        except services.VersionMovedOn:
            raise MovedOn from None
        except services.RulesUnchanged:
            pass
        return Response(_said(property_id))


def _said(property_id: int) -> dict[str, object]:
    found = queries.lookback_versions(property_id)
    applies_from = found.versions[0].applies_from if found.versions else None
    return dict(
        LookbacksSerializer(
            {"version": found.version, "applies_from": applies_from, "overrides": stored_overrides(found.newest)}
        ).data
    )
