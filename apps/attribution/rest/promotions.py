"""Promotions for programs: what was tried becomes the rules of the property, and can be taken back."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from apps.attribution import queries, services, tasks
from apps.attribution.domain.results import PromotionInfo
from apps.attribution.models import Promotion as Row
from apps.attribution.rest.promotion_values import PromotionRequest, PromotionSerializer
from apps.attribution.rest.trials import DAYS
from apps.attribution.rest.what_if_answer import rules_said
from apps.attribution.rest.what_if_asked import read_asked
from apps.attribution.rest.what_if_query import WhatIfQuery
from apps.orgs import api as orgs


class RulesMovedOn(APIException):
    """Somebody else changed the rules meanwhile."""

    status_code = 409
    default_detail = "Somebody changed the rules meanwhile: look at the figures again."
    default_code = "moved_on"


class NothingToPromote(APIException):
    """The rules in force are those already."""

    status_code = 409
    default_detail = "These are the rules already."
    default_code = "nothing_to_promote"


class Promotions(orgs.PropertyView):
    """What was promoted, and a way to promote."""

    needs = orgs.Permission.JOURNEYS  # rules name sources, so whoever is limited to some sees none

    @extend_schema(
        responses=PromotionSerializer(many=True), operation_id="promotions", tags=["credit"],
        summary="The newest promotions",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:  # noqa: ARG002  the framework's signature
        """Return what was promoted, the newest first: what held before and after, when, by whom and why."""
        return Response(PromotionSerializer(list(map(_said, queries.promotions(property_id))), many=True).data)

    @extend_schema(
        parameters=[WhatIfQuery], request=PromotionRequest, responses={201: PromotionSerializer},
        operation_id="promote", tags=["credit"], summary="Make the rules that a what-if tries those of the property",
    )  # fmt: skip
    def post(self, request: Request, property_id: int) -> Response:
        """Promote the rules of the query, each as a new version. The answer of the what-if says what `seen` must be.

        Journeys are built again where that is needed; a method that the query trains is trained for everybody.
        """
        orgs.require(request, orgs.Permission.SETTINGS)
        asked, said = read_asked(request, self.info), PromotionRequest(data=request.data)
        said.is_valid(raise_exception=True)
        given, person = said.validated_data, _person(request)
        if given["seen"] != asked.now.fingerprint:
            raise RulesMovedOn
        now = timezone.now()
        try:
            made = services.promote(
                property_id=property_id, made_by=person, seen=asked.now, wanted=asked.wanted,
                covers_past=given["covers_past"], note=given["note"].replace("\x00", ""), now=now,
            )  # fmt: skip
        except services.RulesMovedOn:
            raise RulesMovedOn from None
        except services.NothingToPromote:
            raise NothingToPromote from None
        except Invalid as error:
            raise serializers.ValidationError(error.messages) from error
        goal_id = asked.wanted.goal_id
        tasks.follow_promotion(
            property_id, goal_id, asked.trial.training if asked.trial else None, asked_by=person, now=now,
            window=services.default_window(property_id=property_id, goal_id=goal_id, days=DAYS, now=now),
        )  # fmt: skip
        return _answer(property_id, made)


class UndoPromotion(orgs.PropertyView):
    """A promotion that is taken back."""

    needs = orgs.Permission.SETTINGS

    @extend_schema(
        request=None, responses={201: PromotionSerializer}, operation_id="undo_promotion", tags=["credit"],
        summary="Promote again what held before a promotion",
    )  # fmt: skip
    def post(self, request: Request, property_id: int, number: int) -> Response:
        """Bring back what held before a promotion: that is a promotion of its own, which names it in `undoes`."""
        now, person = timezone.now(), _person(request)
        try:
            made = services.undo_promotion(property_id=property_id, number=number, made_by=person, now=now)
        except services.UnknownPromotion:
            raise NotFound("There is no such promotion that could be undone.") from None
        except services.NothingToPromote:
            raise NothingToPromote from None
        tasks.follow_promotion(property_id, made.after["goal"], None, asked_by=person, now=now)
        return _answer(property_id, made)


def _answer(property_id: int, made: Row) -> Response:
    listed = next(one for one in queries.promotions(property_id) if one.number == made.number)
    return Response(PromotionSerializer(_said(listed)).data, status=201)


def _said(one: PromotionInfo) -> dict[str, Any]:
    sides = {"before": rules_said(one.before), "after": rules_said(one.after)}
    names = ("number", "covers_past", "undoes", "undone_by", "note", "made_by", "made_at")
    return {name: getattr(one, name) for name in names} | sides | {"changed": one.after.differences(one.before)}


def _person(request: Request) -> Any:
    """Return who promotes, for the version; a program stands in the record alone."""
    return request.user if getattr(request.user, "email", "") else None
