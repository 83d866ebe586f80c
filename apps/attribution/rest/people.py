"""Who is who, for programs: a person, the rules about ids, who is kept apart, and what would move."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound
from rest_framework.request import Request
from rest_framework.response import Response

import attribution as engine
from apps.attribution import queries, services, tasks
from apps.attribution.domain.people import PersonDetail, Preview, ordered
from apps.attribution.models import IdentityVersion
from apps.attribution.rest.people_serializers import (
    ApartAnswer,
    ApartRequest,
    IdentityRulesSerializer,
    PersonQuery,
    PersonSerializer,
)
from apps.orgs import api as orgs

_PREVIEW = timedelta(days=90)


class Conflict(APIException):
    """The rules are others by now, or say so already."""

    status_code = 409
    default_detail = "The rules in force are of another version, or say so already. Read them again."
    default_code = "conflict"


class Person(orgs.PropertyView):
    """The person of an id."""

    needs = orgs.Permission.EVENTS

    @extend_schema(
        parameters=[PersonQuery], responses=PersonSerializer, operation_id="person", tags=["identity"],
        summary="Which ids are one person, and why",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:
        """Return every id of a person, the log of joins, and the latest conversions."""
        asked = PersonQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        try:
            person = queries.person(property_id, asked.validated_data["id"])
        except (queries.UnknownPerson, UnicodeError):
            raise NotFound("No event of the property names this id.") from None
        return Response(PersonSerializer(_person(person)).data)


class IdentityRules(orgs.PropertyView):
    """The rules about ids."""

    needs = orgs.Permission.SETTINGS_READ

    @extend_schema(
        responses=IdentityRulesSerializer, operation_id="identity_rules", tags=["identity"],
        summary="Which ids join nobody, and who is kept apart",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:  # noqa: ARG002  the framework's signature
        """Return the rules in force and the latest changes."""
        rules, version = queries.identity_rules_of(property_id)
        rows = IdentityVersion.objects.filter(property_id=property_id).select_related("undoes")[:100]
        changes = [
            {
                "version": row.version, "act": row.act, "pairs": row.pairs, "note": row.note, "made_at": row.made_at,
                "undoes": row.undoes.version if row.undoes else None,
            }
            for row in rows
        ]  # fmt: skip
        said = {
            **rules.stored(),
            "version": version,
            "default_ignored_ids": sorted(engine.DEFAULT_IGNORED_IDS),
            "changes": changes,
        }
        return Response(IdentityRulesSerializer(said).data)


class Apart(orgs.PropertyView):
    """Ids that are kept apart."""

    needs = orgs.Permission.IDENTITY

    @extend_schema(
        request=ApartRequest, responses=ApartAnswer, operation_id="keep_apart", tags=["identity"],
        summary="Keep ids apart, or see what would move",
    )  # fmt: skip
    def post(self, request: Request, property_id: int) -> Response:
        """Keep pairs of ids apart from now on, and answer with what moves."""
        asked = ApartRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        pairs = [ordered(*pair) for pair in given["pairs"]]
        now = queries.reading_rules(property_id)
        try:
            wanted = replace(now, identity=now.identity.with_apart(pairs))
            at = timezone.now()
            preview = queries.preview(property_id, wanted=wanted, period=(at - _PREVIEW, at + timedelta(days=1)))
            version = now.identity_version if given["is_trial"] else self._keep(request, property_id, given, pairs)
        except engine.BadIdentityRulesError as error:
            raise serializers.ValidationError({"pairs": str(error)}) from None
        except queries.TooManyPersons:
            raise orgs.TooLarge from None
        except (services.RulesMovedOn, services.NothingToChange):
            raise Conflict from None
        return Response(ApartAnswer({"version": version, "preview": preview and _preview(preview)}).data)

    def _keep(self, request: Request, property_id: int, given: dict[str, Any], pairs: list[tuple[str, str]]) -> int:
        made = services.keep_apart(
            property_id=property_id, made_by=_user(request), seen=given["version"], pairs=pairs, note=given["note"]
        )
        transaction.on_commit(lambda: tasks.request_build(property_id))
        return int(made.version)


class UndoIdentity(orgs.PropertyView):
    """A change of the rules about ids that is taken back."""

    needs = orgs.Permission.IDENTITY

    @extend_schema(
        request=None, responses=ApartAnswer, operation_id="undo_identity", tags=["identity"],
        summary="Take a change of the rules about ids back",
    )  # fmt: skip
    def post(self, request: Request, property_id: int, number: int) -> Response:
        """Take one change back; those after it stay."""
        try:
            made = services.undo_identity(property_id=property_id, version=number, made_by=_user(request))
        except services.UnknownIdentityVersion:
            raise NotFound("There is no such change that could be undone.") from None
        except services.NothingToChange:
            raise Conflict from None
        transaction.on_commit(lambda: tasks.request_build(property_id))
        return Response(ApartAnswer({"version": made.version, "preview": None}).data)


def _person(person: PersonDetail) -> dict[str, Any]:
    joins = [{**one._asdict(), "outcome": one.outcome.value} for one in person.joins]
    return {
        "key": person.key, "version": person.version, "ids": person.ids, "joins": joins,
        "journeys": person.journeys, "has_more": person.has_more,
    }  # fmt: skip


def _preview(preview: Preview) -> dict[str, Any]:
    return {"examined": preview.examined, "changed": preview.changed, "moves": preview.moves}


def _user(request: Request) -> Any:
    """Return who changes something, for the version; a program stands in the record alone."""
    return request.user if getattr(request.user, "email", "") else None
