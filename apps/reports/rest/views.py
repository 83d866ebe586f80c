"""Credit for programs: the figures of the pages, with the limits of the key."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.attribution import api as attribution
from apps.orgs import api as orgs

DIMENSIONS = ("channel", "source", "medium", "campaign")


class CreditQuery(serializers.Serializer):
    """What is asked: days of the property's time zone, a goal, a method, and what to group by."""

    # The names of the address, which Python has taken.
    vars()["from"] = serializers.DateField()
    to = serializers.DateField()
    goal = serializers.IntegerField(required=False, help_text="Default: the primary goal.")
    method = serializers.ChoiceField(choices=sorted(orgs.METHOD_TITLES), required=False)
    by = serializers.ChoiceField(choices=DIMENSIONS, default="channel")

    def validate(self, given: dict[str, object]) -> dict[str, object]:
        """Refuse a period that ends before it begins, or is longer than ten years."""
        span = given["to"] - given["from"]  # type: ignore[operator]
        if not timedelta(0) <= span <= timedelta(days=3660):
            raise serializers.ValidationError({"to": "The period must end after it begins and span ten years at most."})
        return given


class CreditSerializer(serializers.Serializer):
    """What one channel, source, medium or campaign is credited with."""

    key = serializers.CharField()
    conversions = serializers.FloatField()
    revenue = serializers.DecimalField(max_digits=24, decimal_places=4)
    share = serializers.FloatField()


class CreditAnswer(serializers.Serializer):
    """Credit of a period with its sums."""

    currency = serializers.CharField()
    method = serializers.CharField()
    conversions = serializers.FloatField()
    revenue = serializers.DecimalField(max_digits=24, decimal_places=4)
    rows = CreditSerializer(many=True)


class Credit(orgs.ApiView):
    """Credit by channel, source, medium or campaign."""

    needs = orgs.Permission.REPORTS

    @extend_schema(parameters=[CreditQuery], responses=CreditAnswer, operation_id="credit", tags=["reports"])
    def get(self, request: Request, property_id: int) -> Response:
        """Return who gets the credit, most first. A key with limits sees its part alone, also in the sums."""
        asked = CreditQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given, info = asked.validated_data, request._request.property  # type: ignore[attr-defined]  # noqa: SLF001
        goals = [goal.id for goal in attribution.goals(property_id)]
        goal_id = given.get("goal", goals[0] if goals else None)
        if goal_id not in goals:
            raise serializers.ValidationError({"goal": "The property has no such goal."})
        method = given.get("method", info.rules.default_method)
        bounds = {"goal_id": goal_id, "period": _period(given["from"], given["to"], info.time_zone)}
        totals, rows = attribution.together(
            attribution.totals.asked(property_id, method=method, **bounds),
            attribution.credit_by.asked(property_id, method=method, dimension=given["by"], limit=1000, **bounds),
        )
        said = {
            "currency": info.currency,
            "method": method,
            "conversions": totals.conversions,
            "revenue": totals.revenue,
            "rows": rows,
        }
        return Response(CreditAnswer(said).data)


def _period(first: datetime, last: datetime, time_zone: str) -> tuple[datetime, datetime]:
    zone, day = ZoneInfo(time_zone), timedelta(days=1)
    begins, ends = (datetime(one.year, one.month, one.day, tzinfo=zone) for one in (first, last + day))
    return begins, ends
