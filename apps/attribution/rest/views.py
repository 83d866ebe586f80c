"""Explanations and what-if for programs: the same figures as the pages."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

import attribution as engine
from apps.attribution import queries
from apps.attribution.domain.results import CreditRow, JourneyDetail, Totals, TouchpointCredit
from apps.attribution.domain.scenarios import RuleValues, Scenario
from apps.attribution.rest.serializers import ExplanationSerializer, RulesQuery, WhatIfQuery, WhatIfSerializer
from apps.orgs import api as orgs

_MILLISECOND = timedelta(milliseconds=1)
_MOST_ROWS = 1000


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
                goal_id=_goal(property_id, given.get("goal")),
                method=method,
                click_lookback=asked.lookback("click"),
                view_lookback=asked.lookback("view"),
            )
        except (queries.UnknownConversion, UnicodeError):
            raise NotFound("The goal has no such conversion.") from None
        return Response(ExplanationSerializer(_explanation(detail, self.info.currency)).data)


class WhatIf(orgs.PropertyView):
    """What would move under other rules."""

    needs = orgs.Permission.REPORTS

    @extend_schema(
        parameters=[WhatIfQuery], responses=WhatIfSerializer, operation_id="what_if",
        tags=["credit"], summary="How credit and money would move under other rules",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:
        """Return both sides of every key, and what each gives to each other. Writes nothing."""
        asked = WhatIfQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        _goal(property_id, None)
        now = queries.rule_values(property_id)
        wanted = replace(
            now,
            goal_id=_goal(property_id, given.get("goal", now.goal_id)),
            method=given.get("method", now.method),
            click_lookback=asked.lookback("click") or now.click_lookback,
            view_lookback=asked.lookback("view") or now.view_lookback,
            channel_rules=given.get("channel_rules", now.channel_rules),
        )
        period = _period(given["from"], given["to"], self.info.time_zone)
        sides = (_scenario(now, None), _scenario(wanted, given.get("channel_rules")))
        figures = _figures(property_id, sides, period, given["by"])
        said = {
            "currency": self.info.currency,
            "before": _rules(now),
            "after": _rules(wanted),
            **figures,
        }
        return Response(WhatIfSerializer(said).data)


def _goal(property_id: int, wanted: int | None) -> int:
    """Return a goal in use, the primary one where none is wanted. Raises ValidationError."""
    goals = [goal.id for goal in queries.goals(property_id)]
    found = wanted if wanted is not None else next(iter(goals), None)
    if found is None or found not in goals:
        raise ValidationError({"goal": "The property has no such goal."})
    return found


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
        "cannot_claim": engine.METHODS[detail.method].cannot_claim,
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


def _scenario(values: RuleValues, rules: engine.ChannelRules | None) -> Scenario:
    return Scenario(values.goal_id, values.method, values.click_lookback, values.view_lookback, rules)


def _figures(
    property_id: int, sides: tuple[Scenario, Scenario], period: tuple[datetime, datetime], dimension: str
) -> dict[str, Any]:
    before, after = sides
    asked = [queries.totals.asked(property_id, period=period, **side.bounds()) for side in sides]
    credit = [
        queries.credit_by.asked(property_id, period=period, dimension=dimension, limit=_MOST_ROWS, **side.question())
        for side in sides
    ]
    has_moves = before.goal_id == after.goal_id
    moves = (
        [queries.credit_moves.asked(property_id, before=before, after=after, period=period, dimension=dimension)]
        if has_moves
        else []
    )
    found = queries.together(*asked, *credit, *moves)
    return {
        "rows": _rows((found[2], found[3])),
        "unattributed": {"before": _unattributed(found[0]), "after": _unattributed(found[1])},
        "moves": found[4] if has_moves else None,
    }


def _rows(credit: tuple[list[CreditRow], list[CreditRow]]) -> list[dict[str, Any]]:
    """Return both sides of each key, most first."""
    sides = [{row.key: {"conversions": row.conversions, "revenue": row.revenue} for row in rows} for rows in credit]
    nothing = {"conversions": 0.0, "revenue": Decimal(0)}
    return [
        {"key": key, "before": sides[0].get(key, nothing), "after": sides[1].get(key, nothing)}
        for key in sides[0] | sides[1]
    ]


def _unattributed(totals: Totals) -> dict[str, Any]:
    return {"conversions": float(totals.unattributed), "revenue": totals.unattributed_revenue}


def _rules(values: RuleValues) -> dict[str, Any]:
    return {
        "goal": values.goal_id,
        "method": values.method,
        "click_lookback_seconds": values.click_lookback.total_seconds(),
        "view_lookback_seconds": values.view_lookback.total_seconds(),
        "channel_rules": values.channel_rules.stored(),
    }


def _period(first: date, last: date, time_zone: str) -> tuple[datetime, datetime]:
    zone = ZoneInfo(time_zone)
    begins, ends = (datetime(one.year, one.month, one.day, tzinfo=zone) for one in (first, last + timedelta(days=1)))
    return begins, ends
