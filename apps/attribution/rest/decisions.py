"""Decisions for programs: who won, and every candidate with the rule that decided about it."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.attribution import queries
from apps.attribution.rest.asking import goal_in_use, period_of
from apps.orgs import api as orgs


class DecidedQuery(serializers.Serializer):
    """Which days of the property's time zone, and the conversions of which goal."""

    vars()["from"] = serializers.DateField(help_text="First day.")
    to = serializers.DateField(help_text="Last day.")
    goal = serializers.IntegerField(required=False, min_value=1, help_text="Id of a goal; the primary one.")


class DecidedSerializer(serializers.Serializer):
    """A source, and what it won."""

    vars()["source"] = serializers.CharField(help_text="Empty where nobody won.")
    installs = serializers.IntegerField()
    reattributions = serializers.IntegerField()
    reengagements = serializers.IntegerField()
    plain_reinstalls = serializers.IntegerField(help_text="They earn nothing.")
    credited = serializers.IntegerField(help_text="Conversions that are credited to it, some to another source, too.")
    primary = serializers.IntegerField(help_text="Those of them that totals count: of each conversion exactly one row.")
    revenue = serializers.DecimalField(28, 4, help_text="Of primary rows.")


class CandidateSerializer(serializers.Serializer):
    """A click or view that could have won."""

    id = serializers.CharField()
    kind = serializers.CharField()
    evidence = serializers.CharField()
    vars()["source"] = serializers.CharField()
    campaign = serializers.CharField()
    code = serializers.CharField(help_text="The rule that decided, for programs.")
    parameters = serializers.DictField(help_text="What the sentence names; times are in milliseconds.")
    text = serializers.CharField()


class DecisionEntrySerializer(serializers.Serializer):
    """One entry of a decision."""

    opening_id = serializers.CharField()
    goal_id = serializers.IntegerField()
    entry = serializers.IntegerField(help_text="The greatest one holds.")
    outcome = serializers.CharField()
    counts_in = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField()
    rules_version = serializers.IntegerField()
    winner_id = serializers.CharField()
    winner_source = serializers.CharField()
    winner_campaign = serializers.CharField()
    candidates = CandidateSerializer(many=True)


class Decided(orgs.PropertyView):
    """Who won how many openings."""

    needs = orgs.Permission.JOURNEYS

    @extend_schema(
        parameters=[DecidedQuery], responses=DecidedSerializer(many=True), operation_id="decisions", tags=["credit"],
        summary="Installs, re-attributions and re-engagements by source",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:
        """Return what each source won, most first."""
        asked = DecidedQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        rows = queries.decided(
            property_id,
            goal_id=goal_in_use(property_id, given.get("goal")),
            period=period_of(given["from"], given["to"], self.info.time_zone),
            now=timezone.now(),
        )
        return Response(DecidedSerializer(rows, many=True).data)


class DecisionTrace(orgs.PropertyView):
    """Why an opening was decided as it was."""

    needs = orgs.Permission.JOURNEYS

    @extend_schema(
        responses=DecisionEntrySerializer(many=True), operation_id="decision_trace", tags=["credit"],
        summary="Why an install or re-engagement was decided as it was",
    )  # fmt: skip
    def get(self, request: Request, property_id: int, conversion_id: str) -> Response:  # noqa: ARG002
        """Return every entry about an opening, the one that holds first; none where nothing was decided."""
        try:
            found = queries.decision_trace(property_id, opening_id=conversion_id)
        except (queries.UnknownDecision, UnicodeError):
            found = []
        return Response(DecisionEntrySerializer(found, many=True).data)
