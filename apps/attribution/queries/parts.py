"""In which journeys a single event is, and what it earned there."""

from datetime import datetime, timedelta
from typing import Any

from apps.attribution.domain.results import JourneyDetail, JourneyPart
from apps.attribution.models import Goal
from apps.attribution.queries.conversions import utc
from apps.attribution.queries.journey import UnknownConversion, journey
from apps.attribution.queries.scope import UntrainedMethod
from apps.orgs import api as orgs
from apps.shared import clickhouse

_WIDEST = timedelta(days=91)  # a journey reaches no further back than 90 days
_SQL = """
    SELECT goal_id, goal_version, conversion_id, converted_at, is_refund, conversion_id = {message_id:String}
    FROM journeys FINAL
    WHERE property_id = {property_id:UInt64} AND goal_id IN {goals:Array(UInt64)}
        AND converted_at >= {since:DateTime64(3, 'UTC')} AND converted_at <= {until:DateTime64(3, 'UTC')}
        AND (conversion_id = {message_id:String} OR has(touch_ids, {message_id:String}))
    ORDER BY converted_at, goal_id LIMIT {limit:UInt32}
"""


def parts_in_journeys(property_id: int, *, message_id: str, occurred_at: datetime, limit: int = 5) -> list[JourneyPart]:
    """Return the first journeys that the event is a conversion, a refund or a touchpoint of, by the default method."""
    versions = dict(Goal.objects.filter(property_id=property_id).values_list("pk", "built_version"))
    bounds = {"since": occurred_at - timedelta(days=1), "until": occurred_at + _WIDEST}
    asked: dict[str, Any] = {"message_id": message_id, "goals": list(versions), "limit": limit, **bounds}
    rows = clickhouse.select(_SQL, lambda *row: row, property_id=property_id, **asked)
    method = orgs.property_by_id(property_id).rules.default_method
    return [_part(property_id, row, message_id, method) for row in rows if versions[row[0]] == row[1]]


def _part(property_id: int, row: tuple[Any, ...], message_id: str, method: str) -> JourneyPart:
    goal_id, _version, conversion_id, converted_at, is_refund, is_conversion = row
    role = "touchpoint" if not is_conversion else "refund" if is_refund else "conversion"
    try:
        detail = journey(property_id, conversion_id=conversion_id, goal_id=goal_id, method=method)
    except (UntrainedMethod, UnknownConversion):
        return JourneyPart(goal_id, "", conversion_id, utc(converted_at), role, method)
    return _judged(detail, goal_id, role, message_id)


def _judged(detail: JourneyDetail, goal_id: int, role: str, message_id: str) -> JourneyPart:
    it, touch = detail.conversion, next((one for one in detail.touchpoints if one.id == message_id), None)
    about = (goal_id, detail.goal_name, it.id, it.converted_at, role, detail.method)
    if role == "touchpoint" and touch is not None:
        return JourneyPart(*about, touch.credit, touch.money, it.currency, touch.why)
    return JourneyPart(*about, None, it.value, it.currency, detail.reason)
