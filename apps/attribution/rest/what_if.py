"""What-if for programs: the same figures as the page."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from apps.attribution import queries
from apps.attribution.domain.results import CreditRow, Totals
from apps.attribution.domain.scenarios import Scenario
from apps.attribution.rest.asking import period_of
from apps.attribution.rest.what_if_answer import WhatIfSerializer, rules_said
from apps.attribution.rest.what_if_asked import read_asked, scenario_of
from apps.attribution.rest.what_if_query import WhatIfQuery
from apps.orgs import api as orgs

_MOST_ROWS = 1000


class TrialNeeded(APIException):
    """What is asked for must be computed first."""

    status_code = 409
    default_detail = "Journeys must be built anew for this: ask for a trial with the same query, and wait for its end."
    default_code = "trial_needed"


class WhatIf(orgs.PropertyView):
    """What would move under other rules."""

    needs = orgs.Permission.REPORTS

    @extend_schema(
        parameters=[WhatIfQuery], responses=WhatIfSerializer, operation_id="what_if",
        tags=["credit"], summary="How credit and money would move under other rules",
    )  # fmt: skip
    def get(self, request: Request, property_id: int) -> Response:
        """Return both sides of every key, and what each gives to each other. Writes nothing.

        Another visit gap or definition and a training need a trial that has ended; without it the answer is 409.
        """
        asked = read_asked(request, self.info)
        trial = queries.trial_of(property_id, asked.trial) if asked.trial else None
        if asked.trial and not (trial and trial.has_succeeded):
            raise TrialNeeded
        given = asked.given
        period = period_of(given["from"], given["to"], self.info.time_zone)
        try:
            figures = _figures(property_id, (scenario_of(asked.now), asked.after(trial)), period, given["by"])
        except queries.UntrainedMethod:
            raise ValidationError({"method": "The method has not been trained yet."}) from None
        said = {
            "currency": self.info.currency,
            "seen": asked.now.fingerprint,
            "before": rules_said(asked.now),
            "after": rules_said(asked.wanted),
            "trial": trial,
            **figures,
        }
        return Response(WhatIfSerializer(said).data)


def _figures(
    property_id: int, sides: tuple[Scenario, Scenario], period: tuple[datetime, datetime], dimension: str
) -> dict[str, Any]:
    before, after = sides
    asked = [queries.totals.asked(property_id, period=period, **side.bounds()) for side in sides]
    credit = [
        queries.credit_by.asked(property_id, period=period, dimension=dimension, limit=_MOST_ROWS, **side.question())
        for side in sides
    ]
    has_moves = before.goal_id == after.goal_id and not after.has_own_conversions
    moves = (
        [queries.credit_moves.asked(property_id, before=before, after=after, period=period, dimension=dimension)]
        if has_moves
        else []
    )
    found = queries.together(*asked, *credit, *moves)
    return {
        "rows": _rows((found[2], found[3])),
        "total": {"before": _total(found[0]), "after": _total(found[1])},
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


def _total(totals: Totals) -> dict[str, Any]:
    return {"conversions": float(totals.conversions), "revenue": totals.revenue}
