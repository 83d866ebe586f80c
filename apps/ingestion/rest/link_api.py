"""Links for programs: the list, a new one, and changes, each of them a version."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from apps.ingestion import queries, services
from apps.ingestion.domain import naming
from apps.ingestion.models import LINK_FIELDS, Link, LinkVersion
from apps.orgs import api as orgs

_TAGS = ["links"]


class LinkSerializer(serializers.ModelSerializer):
    """A link; its `slug` is given when it is made and never changes."""

    class Meta:
        model = Link
        fields = ["id", "slug", "version", "created_at", *LINK_FIELDS]
        read_only_fields = ["id", "version", "created_at"]
        extra_kwargs = {"slug": {"required": False}, "is_active": {"required": False}}


class LinkChange(LinkSerializer):
    """What shall change; `version` is the one that the change is based on, so that nobody overwrites another's."""

    version = serializers.IntegerField(required=False)

    class Meta(LinkSerializer.Meta):
        fields = ["version", *LINK_FIELDS]
        read_only_fields: list[str] = []


class LinkVersionSerializer(serializers.ModelSerializer):
    """What a link said from `made_at` on."""

    class Meta:
        model = LinkVersion
        fields = ["version", "made_at", *LINK_FIELDS]


class LinkDetail(LinkSerializer):
    """A link with what it said before; one that was never changed has no versions."""

    versions = LinkVersionSerializer(many=True)

    class Meta(LinkSerializer.Meta):
        fields = [*LinkSerializer.Meta.fields, "versions"]


class LinkConflict(APIException):
    """Somebody else changed the link meanwhile."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "The link has a newer version. Read it and change that."
    default_code = "conflict"


class LinkView(orgs.ApiView):
    """An operation about links: members read, whoever may change links writes."""

    def check_writer(self, request: Request) -> None:
        """Refuse whoever may only read. Raises PermissionDenied."""
        access: orgs.Access = request._request.access  # type: ignore[attr-defined]  # noqa: SLF001
        if not access.may(orgs.Permission.LINKS):
            raise PermissionDenied

    def maker(self, request: Request) -> Any:
        """Return the person who makes a change; None for a program, which the record names."""
        return request.user if isinstance(request.user.pk, int) and request.auth is None else None


class Links(LinkView):
    """The links of a property."""

    needs = orgs.Permission.SETTINGS_READ

    @extend_schema(
        responses=LinkSerializer(many=True), operation_id="links", tags=_TAGS, summary="Every link, newest first"
    )
    def get(self, request: Request, property_id: int) -> Response:  # noqa: ARG002  the framework's signature
        """List the links, those in the archive too."""
        return Response(LinkSerializer(queries.links_of(property_id=property_id)[:1_000], many=True).data)

    @extend_schema(
        request=LinkSerializer, responses={201: LinkSerializer}, operation_id="make_link", tags=_TAGS,
        summary="Make a link",
    )  # fmt: skip
    def post(self, request: Request, property_id: int) -> Response:
        """Make a link whose names follow the property's rules."""
        self.check_writer(request)
        given = LinkSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = _named(property_id, given.validated_data)
        try:
            link = services.create_link(property_id=property_id, made_by=self.maker(request), **values)
        except Invalid as error:
            raise serializers.ValidationError(error.message_dict) from None
        return Response(LinkSerializer(link).data, status=status.HTTP_201_CREATED)


class OneLink(LinkView):
    """One link."""

    needs = orgs.Permission.SETTINGS_READ

    @extend_schema(responses=LinkDetail, operation_id="link", tags=_TAGS, summary="A link with its versions")
    def get(self, request: Request, property_id: int, link_id: int) -> Response:  # noqa: ARG002  the framework's
        """Return a link and what it said before."""
        row = queries.links_of(property_id=property_id).filter(pk=link_id).first()
        if row is None:
            raise Http404
        said = {
            **LinkSerializer(row).data,
            "versions": LinkVersionSerializer(queries.link_versions(row), many=True).data,
        }
        return Response(said)

    @extend_schema(
        request=LinkChange(partial=True), responses=LinkSerializer, operation_id="change_link", tags=_TAGS,
        summary="Change a link, archive or restore it",
    )  # fmt: skip
    def patch(self, request: Request, property_id: int, link_id: int) -> Response:
        """Let a link say something else from now on: a new version, live at the door within five seconds."""
        self.check_writer(request)
        row = queries.links_of(property_id=property_id).filter(pk=link_id).first()
        if row is None:
            raise Http404
        given = LinkChange(row, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changes = dict(given.validated_data)
        based_on = changes.pop("version", None)
        about = {"property_id": property_id, "link_id": link_id, "made_by": self.maker(request), "based_on": based_on}
        try:
            link = services.change_link(**about, now=timezone.now(), **_named(property_id, changes))
        except services.LinkMovedOn:
            raise LinkConflict from None
        except Invalid as error:
            raise serializers.ValidationError(error.message_dict) from None
        return Response(LinkSerializer(link).data)


def _named(property_id: int, values: dict[str, Any]) -> dict[str, Any]:
    """Return *values* whose names follow the property's rules. Raises ValidationError."""
    named = {name: values[name] for name in naming.NAMED if values.get(name)}
    faults: dict[str, list[str]] = {}
    for found in naming.findings(named, queries.naming_rules(property_id)):
        better = f" Write {found.better}." if found.better and found.better != found.value else ""
        faults.setdefault(found.field, []).append(f"Against the rule of names: {found.fault.value}.{better}")
    if faults:
        raise serializers.ValidationError(faults)
    return values
