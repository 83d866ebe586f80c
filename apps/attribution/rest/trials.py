"""Trials for programs: journeys built, and methods trained, under other rules."""

from contextlib import suppress

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from apps.attribution import queries, services, tasks
from apps.attribution.domain.trials import BadTrial, TrialInfo
from apps.attribution.rest.what_if_answer import TrialSerializer
from apps.attribution.rest.what_if_asked import read_asked
from apps.attribution.rest.what_if_query import WhatIfQuery
from apps.orgs import api as orgs

DAYS = 90


class Trials(orgs.PropertyView):
    """Trials: what a what-if needs computed first."""

    needs = orgs.Permission.JOURNEYS  # a trial tells of every source

    @extend_schema(
        responses=TrialSerializer(many=True), operation_id="trials", tags=["credit"], summary="The newest trials",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:  # noqa: ARG002  the framework's signature
        """Return the newest trials of the property, the newest first."""
        return Response(TrialSerializer(queries.trials(property_id), many=True).data)

    @extend_schema(
        parameters=[WhatIfQuery], request=None, responses={202: TrialSerializer}, operation_id="trial_ask",
        tags=["credit"], summary="Have journeys built, and a method trained, under other rules",
    )  # fmt: skip
    def post(self, request: Request, property_id: int) -> Response:
        """Begin a trial of the rules of the query; one that waits or works already is the answer."""
        orgs.require(request, orgs.Permission.GOALS)
        asked = read_asked(request, self.info)
        if asked.trial is None:
            raise ValidationError("Nothing of this needs journeys built anew.")
        window = services.default_window(
            property_id=property_id, goal_id=asked.now.goal_id, days=DAYS, now=timezone.now()
        )
        person = request.user if getattr(request.user, "email", "") else None
        try:
            row = services.ask_trial(
                property_id=property_id, rules=asked.trial, window=window, asked_by=person, now=timezone.now()
            )
        except BadTrial as error:
            raise ValidationError(str(error)) from error
        transaction.on_commit(lambda: tasks.request_trial(row.pk, property_id))
        return Response(TrialSerializer(queries.trial(property_id, trial_id=row.pk)).data, status=202)


class Trial(orgs.PropertyView):
    """One trial."""

    needs = orgs.Permission.JOURNEYS

    @extend_schema(
        responses=TrialSerializer, operation_id="trial", tags=["credit"], summary="How far a trial is",
    )  # fmt: skip
    def get(self, request: Request, property_id: int, trial_id: int) -> Response:  # noqa: ARG002  the framework's
        """Return how far a trial is, and how it ended."""
        return Response(TrialSerializer(_trial(property_id, trial_id)).data)

    @extend_schema(
        responses={204: None}, operation_id="trial_cancel", tags=["credit"], summary="Cancel a trial",
    )  # fmt: skip
    def delete(self, request: Request, property_id: int, trial_id: int) -> Response:
        """End a trial that has not ended by itself."""
        orgs.require(request, orgs.Permission.GOALS)
        _trial(property_id, trial_id)
        with suppress(services.TrialOver):
            services.cancel_trial(property_id=property_id, trial_id=trial_id, now=timezone.now())
        return Response(status=204)


def _trial(property_id: int, trial_id: int) -> TrialInfo:
    try:
        return queries.trial(property_id, trial_id=trial_id)
    except queries.UnknownTrial:
        raise NotFound("The property has no such trial.") from None
