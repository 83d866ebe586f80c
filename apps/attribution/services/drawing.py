"""Drawings of histories: what everybody touched, drawn when training needs it and kept while nothing is new."""

from collections.abc import Callable
from datetime import datetime, timedelta

from apps.attribution.adapters import clickhouse_histories, clickhouse_persons
from apps.attribution.models import Drawing, Watermark
from apps.attribution.queries.event_reading import note_reading, reading_rules, was_read_by

# A visit that was under way at the first instant is cut there; no touchpoint that counts is so close to it.
MARGIN = timedelta(days=1)


def draw_histories(*, property_id: int, since: datetime, told: Callable[[float], None]) -> int:
    """Return the number of a drawing that holds every history from *since* on, made now if there is none.

    Under the property's training lock only: two that draw at once would delete each other's.
    """
    drawing, _ = Drawing.objects.get_or_create(property_id=property_id)
    watermark = Watermark.objects.get(property_id=property_id)
    rules = reading_rules(property_id)
    is_fresh = drawing.stored_to is not None and drawing.stored_to == watermark.stored_to
    if is_fresh and was_read_by(drawing, rules) and drawing.drawn_from and drawing.drawn_from <= since - MARGIN:
        return drawing.number
    drawing.number, drawing.stored_to = drawing.number + 1, None
    drawing.save()  # first, so that a drawing that dies leaves no number to be used again
    clickhouse_histories.draw(
        property_id,
        drawing=drawing.number,
        drawn_from=since - MARGIN,
        told=told,
        who=clickhouse_persons.who_is_who(property_id, rules.identity),
        reading=rules,
    )
    clickhouse_histories.drop_others(property_id, drawing=drawing.number)
    drawing.stored_to, drawing.drawn_from = watermark.stored_to, since - MARGIN
    note_reading(drawing, rules)
    drawing.save()
    return drawing.number
