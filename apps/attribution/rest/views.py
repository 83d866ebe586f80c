"""Explanations for programs: the same words as the pages."""

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

import attribution as engine
from apps.attribution import queries
from apps.attribution.domain.results import JourneyDetail, TouchpointCredit
from apps.attribution.rest.asking import goal_in_use
from apps.attribution.rest.serializers import ExplanationSerializer, RulesQuery
from apps.orgs import api as orgs

_MILLISECOND = timedelta(milliseconds=1)


class Explanation(orgs.PropertyView):
    """Why one conversion was credited as it was."""

    needs = orgs.Permission.JOURNEYS

    @extend_schema(
        parameters=[RulesQuery], responses=ExplanationSerializer, operation_id="conversion_explanation",
        tags=["credit"], summary="Why a conversion was credited as it was",
    )  # fmt: skip
    def get(self, request: Request, property_id: int, conversion_id: str) -> Response:
        """Return every touchpoint of a conversion with what it earned, and the rule that decided in words."""
        asked = RulesQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        method = given.get("method", self.info.rules.default_method)
        try:
            detail = queries.journey(
                property_id,
                conversion_id=conversion_id,
                goal_id=goal_in_use(property_id, given.get("goal")),
                method=method,
                click_lookback=asked.lookback("click"),
                view_lookback=asked.lookback("view"),
            )
        except (queries.UnknownConversion, UnicodeError):
            raise NotFound("The goal has no such conversion.") from None
        return Response(ExplanationSerializer(_explanation(detail, self.info.currency)).data)


def _explanation(detail: JourneyDetail, currency: str) -> dict[str, Any]:
    it = detail.conversion
    return {
        "conversion_id": it.id,
        "goal": detail.goal_name,
        "goal_version": detail.goal_version,
        "settings_version": detail.settings_version,
        "converted_at": it.converted_at,
        "value": it.value,
        "currency": it.currency or currency,
        "order_id": it.order_id,
        "is_refund": it.is_refund,
        "is_counted": it.is_counted,
        "method": detail.method,
        "rule": detail.rule,
        "cannot_claim": (engine.METHODS.get(detail.method) or engine.LEARNED[detail.method]).cannot_claim,
        "click_lookback_seconds": detail.click_lookback.total_seconds(),
        "view_lookback_seconds": detail.view_lookback.total_seconds(),
        "reason": it.reason,
        "reason_text": detail.reason,
        "counts_as": it.channel if it.reason else "",
        "touchpoints": [_touch(one) for one in detail.touchpoints],
    }


def _touch(one: TouchpointCredit) -> dict[str, Any]:
    names = ("id", "kind", "touched_at", "channel", "source", "medium", "campaign", "code", "parameters")
    return {
        **{name: getattr(one, name) for name in names},
        "age_ms": one.age // _MILLISECOND,
        "share": one.credit,
        "amount": one.money,
        "is_removed": not one.is_eligible,
        "text": one.why,
    }
