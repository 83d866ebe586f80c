"""The record of the organization that a key belongs to."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from apps.compliance import queries, services
from apps.compliance.models import AuditEndpoint
from apps.compliance.rest import serializers
from apps.orgs import api as orgs

_TAGS = ["record"]


class RecordView(orgs.ApiView):
    """An operation about the record of the key's organization; a session names none, so it is refused."""

    needs: orgs.Permission | None = orgs.Permission.AUDIT_CHANGE

    @property
    def organization_id(self) -> int:
        """Return whose record is asked for."""
        access: orgs.Access = self.request._request.access  # type: ignore[attr-defined]  # noqa: SLF001
        return access.organization_id

    def page(self, request: Request) -> dict[str, Any]:
        """Return which part of a list is asked for. Raises ValidationError."""
        asked = serializers.PageQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    def endpoint(self, endpoint_id: int) -> AuditEndpoint:
        """Return a receiver of this organization. Raises NotFound."""
        row = queries.endpoints(self.organization_id).filter(pk=endpoint_id).first()
        if row is None:
            raise NotFound("The organization has no such receiver.")
        return row


class Entries(RecordView):
    """What was done."""

    needs = orgs.Permission.AUDIT

    @extend_schema(
        parameters=[serializers.PageQuery], responses=serializers.EntriesAnswer, operation_id="record", tags=_TAGS,
        summary="What was done, newest first",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """List entries, with the hashes that chain them."""
        page, wanted = self.page(request), queries.Wanted()
        found = queries.entries(organization_id=self.organization_id, wanted=wanted, before=page.get("before"))
        rows = list(found[: page["limit"]])
        onward = rows[-1].number if len(rows) == page["limit"] else None
        said = {"rows": [services.entry_facts(one) for one in rows], "next": onward}
        return Response(serializers.EntriesAnswer(said).data)


class Endpoints(RecordView):
    """Where else the record goes."""

    needs = orgs.Permission.AUDIT_CHANGE

    @extend_schema(
        responses=serializers.EndpointSerializer(many=True), operation_id="record_receivers", tags=_TAGS,
        summary="Where else the record goes",
    )  # fmt: skip
    def get(self, _request: Request) -> Response:
        """List the receivers, with what waits and what was given up."""
        return Response(serializers.EndpointSerializer(queries.endpoints(self.organization_id), many=True).data)


class Deliveries(RecordView):
    """What went to a receiver."""

    needs = orgs.Permission.AUDIT_CHANGE

    @extend_schema(
        parameters=[serializers.PageQuery], responses=serializers.DeliveriesAnswer,
        operation_id="record_deliveries", tags=_TAGS, summary="What went to a receiver, newest first",
    )  # fmt: skip
    def get(self, request: Request, endpoint_id: int) -> Response:
        """List deliveries and how they were answered."""
        page = self.page(request)
        rows = list(queries.deliveries(self.endpoint(endpoint_id), before=page.get("before"))[: page["limit"]])
        onward = rows[-1].pk if len(rows) == page["limit"] else None
        return Response(serializers.DeliveriesAnswer({"rows": rows, "next": onward}).data)


class Replay(RecordView):
    """What was given up, once more."""

    needs = orgs.Permission.AUDIT_CHANGE

    @extend_schema(
        request=None, responses=serializers.ReplayAnswer, operation_id="record_replay", tags=_TAGS,
        summary="Send again what was given up",
    )  # fmt: skip
    def post(self, _request: Request, endpoint_id: int) -> Response:
        """Send again what was given up, with the ids that it had."""
        count = services.replay(self.endpoint(endpoint_id), delivery_id=None, now=timezone.now())
        return Response({"count": count})
