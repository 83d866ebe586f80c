"""One journey with what every touchpoint earned, and why: the engine's own explanation (R6)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attribution as engine
from apps.attribution.domain.lookbacks import overrides_at
from apps.attribution.domain.results import ConversionRow, JourneyDetail, TouchpointCredit
from apps.attribution.models import Goal, Watermark
from apps.attribution.queries.conversions import utc
from apps.attribution.queries.scope import UnknownGoal, chosen
from apps.attribution.queries.versioned_rules import lookback_versions
from apps.orgs import api as orgs
from apps.shared import clickhouse

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SQL = """
    SELECT conversion_id, goal_id, person_id, converted_at, value, currency, order_id, country, device,
        is_refund, is_counted, credited_at, refund_of, milestone_age_ms, stream_id,
        arrayZip(touch_ids, touch_kinds, touch_ages_ms, touch_channels, touch_sources, touch_mediums, touch_campaigns,
            arrayResize(touch_ad_groups, length(touch_ids)))
    FROM journeys FINAL
    WHERE property_id = {property_id:UInt64} AND goal_id = {goal_id:UInt64} AND goal_version = {goal_version:UInt32}
        AND conversion_id = {conversion_id:String}
"""


class UnknownConversion(LookupError):
    """The goal has no such conversion."""


def journey(
    property_id: int,
    *,
    conversion_id: str,
    goal_id: int,
    method: str,
    click_lookback: timedelta | None = None,
    view_lookback: timedelta | None = None,
) -> JourneyDetail:
    """Return a conversion with every touchpoint, judged. Raises UnknownGoal, UnknownMethod or UnknownConversion."""
    goal = Goal.objects.filter(property_id=property_id, pk=goal_id).first()
    if goal is None:
        raise UnknownGoal(goal_id)
    scope: dict[str, Any] = {"goal_id": goal_id, "goal_version": goal.built_version, "conversion_id": conversion_id}
    rows = clickhouse.select(_SQL, lambda *row: row, property_id=property_id, **scope)
    if not rows:
        raise UnknownConversion(conversion_id)
    info = orgs.property_by_id(property_id)
    lookbacks = engine.Lookbacks(
        click=info.rules.click_lookback if click_lookback is None else click_lookback,
        view=info.rules.view_lookback if view_lookback is None else view_lookback,
        # A refund is judged as its sale was.
        overrides=overrides_at(lookback_versions(property_id).versions, utc(rows[0][11])),
    )
    platforms = {stream.pk: stream.kind for stream in orgs.streams_of(property_id)}
    one = chosen(property_id, goal_id, method)
    asked = _engine_journey(rows[0], info.currency, platforms)
    told = engine.explain(asked, one.spec, lookbacks)
    touchpoints = tuple(_touchpoint(touch) for touch in told.touches)
    rest = next((part for part in engine.credit(one.spec, asked, lookbacks) if part.channel == engine.BASELINE), None)
    top = max(touchpoints, key=lambda touch: touch.credit, default=None)
    leader = engine.BASELINE if rest and (top is None or rest.share > top.credit) else top.channel if top else ""
    mark = Watermark.objects.filter(property_id=property_id).first()
    return JourneyDetail(
        conversion=_conversion_row(rows[0], len(touchpoints), told, leader),
        touchpoints=touchpoints,
        method=method,
        rule=(engine.METHODS.get(method) or engine.LEARNED[method]).description,
        baseline=rest.share if rest else None,
        baseline_money=rest.amount if rest else Decimal(0),
        training_id=one.version,
        reason=engine.SENTENCES[told.reason] if told.reason else "",
        goal_name=goal.name,
        goal_version=goal.built_version,
        settings_version=info.rules.version,
        click_lookback=lookbacks.click,
        view_lookback=lookbacks.view,
        built_at=mark.built_at if mark else None,
    )


def _conversion_row(row: tuple[Any, ...], touches: int, told: engine.Explanation, top: str) -> ConversionRow:
    channel = told.channel if told.reason else top
    values: list[Any] = [*row[:3], utc(row[3]), *row[4:11], touches, channel, told.reason or ""]
    return ConversionRow(*values)


def _engine_journey(row: tuple[Any, ...], currency: str, platforms: dict[int, str]) -> engine.Journey:
    credited_at = utc(row[11])
    touchpoints = tuple(
        engine.Touchpoint(
            id=name,
            kind=engine.TouchKind(kind),
            touched_at=credited_at - age * _MILLISECOND,
            # The arrays are in touch order already; rising instants of receipt keep it among equals.
            received_at=_EPOCH + number * _MILLISECOND,
            channel=channel,
            source=source,
            medium=medium,
            campaign=campaign,
            ad_group=ad_group,
        )
        for number, (name, kind, age, channel, source, medium, campaign, ad_group) in enumerate(row[15])
    )
    conversion = engine.Conversion(
        id=row[0],
        converted_at=utc(row[3]),
        value=row[4],
        currency=row[5] or currency,
        platform=platforms.get(row[14], "web"),
        order_id=row[6],
        refund_of=row[12],
        credited_at=credited_at,
    )
    milestone_at = None if row[13] is None else credited_at - row[13] * _MILLISECOND
    person = str(row[2]) if row[2] else None
    return engine.Journey(conversion, touchpoints, person, is_counted=row[10], milestone_at=milestone_at)


def _touchpoint(one: engine.TouchExplanation) -> TouchpointCredit:
    touched = one.touchpoint
    return TouchpointCredit(
        id=touched.id,
        kind=touched.kind,
        touched_at=touched.touched_at,
        age=one.age_ms * _MILLISECOND,
        channel=touched.channel,
        source=touched.source,
        medium=touched.medium,
        campaign=touched.campaign,
        credit=one.share,
        money=one.amount,
        is_eligible=not one.is_removed,
        code=one.code,
        parameters=one.parameters,
        why=one.text,
    )
