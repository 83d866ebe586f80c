"""Expectations, scores and quarantine for programs: the same services as the pages."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from apps.ingestion import api as ingestion
from apps.orgs import api as orgs
from apps.quality import queries, services, tasks
from apps.quality.days import QualityRow, quality_days
from apps.quality.domain import documents
from apps.quality.domain.rules import BadRule
from apps.quality.models import Expectation, Release
from apps.quality.queries import Selection
from apps.quality.rest import serializers as shapes
from apps.quality.rest.doors import ByMethod, given_in, person_of, valid
from apps.quality.sets import as_yaml, streams_by_name
from apps.shared.yaml_documents import BadDocument

_P = orgs.Permission


class Expectations(ByMethod):
    """The expectations of a property."""

    needs = _P.SETTINGS_READ

    @extend_schema(
        responses=shapes.ExpectationSerializer(many=True), operation_id="expectations", tags=["quality"],
        summary="What a property expects of its events",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:  # noqa: ARG002  the framework's signature
        """Return every expectation that is not archived."""
        return Response(shapes.ExpectationSerializer(queries.expectations_of(property_id), many=True).data)

    @extend_schema(
        request=shapes.ExpectationSerializer, responses={201: shapes.ExpectationSerializer},
        operation_id="create_expectation", tags=["quality"], summary="Expect something of events",
    )  # fmt: skip
    def post(self, request: Request, property_id: int) -> Response:
        """Make an expectation; the writer follows it within five seconds."""
        given = given_in(shapes.ExpectationSerializer, request)
        given.pop("version", None)
        row = valid(services.create_expectation, property_id=property_id, made_by=person_of(request), **given)
        return Response(shapes.ExpectationSerializer(row).data, status=201)


class OneExpectation(ByMethod):
    """One expectation."""

    needs = _P.SETTINGS_READ

    @extend_schema(
        responses=shapes.ExpectationSerializer, operation_id="expectation", tags=["quality"],
        summary="One expectation",
    )  # fmt: skip
    def get(self, request: Request, property_id: int, expectation_id: int) -> Response:  # noqa: ARG002
        """Return one expectation."""
        return Response(shapes.ExpectationSerializer(_expectation(property_id, expectation_id)).data)

    @extend_schema(
        request=shapes.ExpectationSerializer, responses=shapes.ExpectationSerializer,
        operation_id="change_expectation", tags=["quality"], summary="Change an expectation",
    )  # fmt: skip
    def put(self, request: Request, property_id: int, expectation_id: int) -> Response:
        """Change an expectation; what decides is then a new version."""
        row = _expectation(property_id, expectation_id)
        given = given_in(shapes.ExpectationSerializer, request)
        seen = given.pop("version", None)
        changed = valid(
            services.change_expectation, property_id=property_id, expectation_id=row.pk, seen_version=seen,
            made_by=person_of(request), **given,
        )  # fmt: skip
        return Response(shapes.ExpectationSerializer(changed).data)

    @extend_schema(
        responses={204: None}, operation_id="archive_expectation", tags=["quality"],
        summary="Take an expectation out of use",
    )  # fmt: skip
    def delete(self, request: Request, property_id: int, expectation_id: int) -> Response:
        """Take an expectation out of use; what it found stays."""
        row = _expectation(property_id, expectation_id)
        services.archive_expectation(property_id=property_id, expectation_id=row.pk, made_by=person_of(request))
        return Response(status=204)


class WholeSet(ByMethod):
    """The whole set as YAML."""

    needs = _P.SETTINGS_READ

    @extend_schema(
        responses=shapes.WholeSetSerializer, operation_id="expectations_yaml", tags=["quality"],
        summary="The whole set of expectations as YAML",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:  # noqa: ARG002  the framework's signature
        """Return the set as a file holds it."""
        return Response({"yaml": as_yaml(property_id)})

    @extend_schema(
        request=shapes.WholeSetSerializer, responses=shapes.ExchangedSerializer, operation_id="exchange_expectations",
        tags=["quality"], summary="Make a YAML file the whole set of expectations",
    )  # fmt: skip
    def put(self, request: Request, property_id: int) -> Response:
        """Take in a whole set: by name, what is new is added, what is not named archived. Errors name their lines."""
        found = _documents(request, property_id)
        done = valid(
            services.exchange_expectations, property_id=property_id, documents=found, made_by=person_of(request)
        )
        return Response(done._asdict())

    @extend_schema(
        request=shapes.WholeSetSerializer, responses=shapes.ComparedSerializer, operation_id="compare_expectations",
        tags=["quality"], summary="What a YAML file would change, if it became the whole set",
    )  # fmt: skip
    def post(self, request: Request, property_id: int) -> Response:
        """Compare a whole set with what is expected now, and change nothing. Errors name their lines."""
        found = services.compare_expectations(property_id=property_id, documents_=_documents(request, property_id))
        return Response(shapes.ComparedSerializer({"changes": found}).data)


class Quality(orgs.PropertyView):
    """How the days were."""

    needs = _P.EVENTS

    @extend_schema(
        parameters=[shapes.DaysQuery], responses=shapes.QualitySerializer, operation_id="quality", tags=["quality"],
        summary="The score of each day, and where every event is",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:
        """Return the score of each day and expectation, and the accounting of events."""
        asked = shapes.DaysQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        since, until = _period(asked.validated_data, self.info)
        found = quality_days(self.info, since=since, until=until)
        said = {
            "score": found.whole.score,
            "days": [_row(one) for one in found.days],
            "expectations": [_row(one) for one in found.by_expectation],
            "events": queries.accounting(property_id, since=since, until=until)._asdict(),
        }
        return Response(shapes.QualitySerializer(said).data)


class Quarantine(orgs.PropertyView):
    """What was kept back."""

    needs = _P.EVENTS

    @extend_schema(
        parameters=[shapes.QuarantineQuery], responses=shapes.QuarantineSerializer, operation_id="quarantine",
        tags=["quality"], summary="Events that were kept back",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:
        """Return a page of what was kept back, newest first."""
        asked = shapes.QuarantineQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        page, selection = given.pop("page"), _selection(given, self.info)
        found = queries.found(property_id, selection, page=page)
        sees = request._request.access.may(_P.EVENTS_PERSONAL)  # type: ignore[attr-defined]  # noqa: SLF001  DRF's name
        if not sees and selection.text:
            raise PermissionDenied  # what must not be seen must not be guessed by searching either
        said = {
            "items": found if sees else [one._replace(detail=ingestion.masked_text(one.detail)) for one in found],
            "states": queries.states(property_id, selection),
        }
        return Response(shapes.QuarantineSerializer(said).data)


class Releases(ByMethod):
    """Events that leave quarantine."""

    needs, changes = _P.EVENTS, _P.QUARANTINE

    @extend_schema(
        responses=shapes.ReleaseSerializer(many=True), operation_id="releases", tags=["quality"],
        summary="The releases from quarantine",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:  # noqa: ARG002  the framework's signature
        """Return the last hundred releases, newest first."""
        rows = Release.objects.filter(property_id=property_id)[:100]
        return Response(shapes.ReleaseSerializer(rows, many=True).data)

    @extend_schema(
        request=shapes.AskedReleaseSerializer, responses={202: shapes.ReleaseSerializer},
        operation_id="release_quarantine", tags=["quality"],
        summary="Replay, fix or discard events in quarantine, or take a discard back",
    )  # fmt: skip
    def post(self, request: Request, property_id: int) -> Response:
        """Begin to take a selection out of quarantine; ask for the release to see how far it is."""
        given = given_in(shapes.AskedReleaseSerializer, request)
        if given["selection"].get("text"):
            orgs.require(request, _P.EVENTS_PERSONAL)  # how many were found would tell what is inside
        try:
            row = services.ask_release(
                property_id=property_id, kind=given["kind"], selection=_selection(given["selection"], self.info),
                fix=dict(given["fix"]) if given.get("fix") else None, note=given["note"],
                asked_by=request.user, now=timezone.now(),
            )  # fmt: skip
        except BadRule as error:
            raise ValidationError({"note" if error.place == "note" else "fix": str(error)}) from None
        except services.NothingWaits:
            raise ValidationError({"selection": "No event of this selection waits in quarantine."}) from None
        transaction.on_commit(lambda: tasks.request_release(row.pk, property_id))
        return Response(shapes.ReleaseSerializer(row).data, status=202)


class OneRelease(orgs.PropertyView):
    """How far a release is."""

    needs = _P.EVENTS

    @extend_schema(
        responses=shapes.ReleaseSerializer, operation_id="release", tags=["quality"], summary="How far a release is"
    )
    def get(self, request: Request, property_id: int, release_id: int) -> Response:  # noqa: ARG002
        """Return one release."""
        row = Release.objects.filter(property_id=property_id, pk=release_id).first()
        if row is None:
            raise Http404
        return Response(shapes.ReleaseSerializer(row).data)


def _documents(request: Request, property_id: int) -> list[dict[str, Any]]:
    text = given_in(shapes.WholeSetSerializer, request)["yaml"]
    try:
        return documents.read(text, streams=streams_by_name(property_id))
    except BadDocument as error:
        raise ValidationError({"yaml": str(error).splitlines()}) from None


def _period(given: dict[str, Any], info: orgs.PropertyInfo) -> tuple[datetime, datetime]:
    """Return the instants of the days that were asked for."""
    zone = ZoneInfo(info.time_zone)
    ends = (given["from"], given["to"] + timedelta(days=1))
    since, until = (datetime.combine(day, time(0), tzinfo=zone) for day in ends)
    return since, until


def _selection(given: dict[str, Any], info: orgs.PropertyInfo) -> Selection:
    rest = {name: value for name, value in given.items() if name not in ("from", "to")}
    return Selection(*_period(given, info), **rest)


def _expectation(property_id: int, expectation_id: int) -> Expectation:
    row = queries.expectations_of(property_id).filter(pk=expectation_id).first()
    if row is None:
        raise Http404
    return row


def _row(one: QualityRow) -> dict[str, Any]:
    names = ("title", "score", "checked", "flagged", "quarantined")
    return {"key": str(one.key), **{name: getattr(one, name) for name in names}}
