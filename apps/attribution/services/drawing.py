"""Drawings of histories: what everybody touched, drawn when training needs it and kept while nothing is new."""

from collections.abc import Callable
from datetime import datetime, timedelta

from apps.attribution.adapters import clickhouse_histories
from apps.attribution.models import Drawing, Watermark
from apps.attribution.queries.channel_rules import channel_rules_of
from apps.orgs import api as orgs

# A visit that was under way at the first instant is cut there; no touchpoint that counts is so close to it.
MARGIN = timedelta(days=1)
_MILLISECOND = timedelta(milliseconds=1)


def draw_histories(*, property_id: int, since: datetime, told: Callable[[float], None]) -> int:
    """Return the number of a drawing that holds every history from *since* on, made now if there is none.

    Under the property's training lock only: two that draw at once would delete each other's.
    """
    drawing, _ = Drawing.objects.get_or_create(property_id=property_id)
    watermark = Watermark.objects.get(property_id=property_id)
    visit_gap = orgs.property_by_id(property_id).rules.visit_gap
    channels = channel_rules_of(property_id)
    is_fresh = drawing.stored_to is not None and drawing.stored_to == watermark.stored_to
    has_same_rules = drawing.visit_gap == visit_gap and drawing.channel_rules_version == channels.version
    if is_fresh and has_same_rules and drawing.drawn_from and drawing.drawn_from <= since - MARGIN:
        return drawing.number
    drawing.number, drawing.stored_to = drawing.number + 1, None
    drawing.save()  # first, so that a drawing that dies leaves no number to be used again
    clickhouse_histories.draw(
        property_id,
        drawing=drawing.number,
        drawn_from=since - MARGIN,
        visit_gap_ms=visit_gap // _MILLISECOND,
        told=told,
        channel_rules=channels.versions,
    )
    clickhouse_histories.drop_others(property_id, drawing=drawing.number)
    drawing.stored_to, drawing.drawn_from, drawing.visit_gap = watermark.stored_to, since - MARGIN, visit_gap
    drawing.channel_rules_version = channels.version
    drawing.save()
    return drawing.number
