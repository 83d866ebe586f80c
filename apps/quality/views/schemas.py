"""Schemas: which events have one, how events differ from them, and a new one by a click."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.orgs import api as orgs
from apps.quality import queries, services
from apps.quality.domain.learning import shape_of
from apps.quality.forms.sentences import said_of_value
from apps.quality.models import EventSchema
from apps.quality.services.learning import FEWEST, WEEK
from apps.quality.views.page import quality_page

SHOWN_VERSIONS = 20


@quality_page(orgs.Permission.EVENTS)
def schemas(request: orgs.PropertyRequest) -> HttpResponse:
    """List the schemas, what drifted, and the events that are still in their first week."""
    info, now = request.property, timezone.now()
    rows = list(queries.schemas_in_force(info.id))
    drifts: dict[tuple[str, str], int] = {}
    for one in queries.open_drifts(info.id):
        key = (one.schema.kind, one.schema.name)
        drifts[key] = drifts.get(key, 0) + 1
    known = {(row.kind, row.name) for row in rows}
    context = {
        "rows": [
            {"row": row, "drifts": drifts.get((row.kind, row.name), 0), "fields": len(row.fields)} for row in rows
        ],
        "columns": [
            {"label": _("Event")},
            {"label": _("Learned from")},
            {"label": _("Fields"), "is_numeric": True},
            {"label": _("Drift"), "is_numeric": True},
        ],
        "learning": [
            {
                "event": one,
                "ready_at": (at := one.first_at.replace(tzinfo=now.tzinfo) + WEEK),
                "is_due": at <= now,
                "are_few": one.events < FEWEST,
            }
            for one in queries.event_names(info.id, since=now - WEEK, most=50)
            if (one.kind, one.name) not in known and one.kind in services.LEARNED_KINDS
        ],
        "learning_columns": [
            {"label": _("Event")}, {"label": _("Events"), "is_numeric": True}, {"label": _("Learned at")}
        ],
    }  # fmt: skip
    return render(request, "quality/schemas.html", context)


@quality_page(orgs.Permission.EVENTS)
def schema(request: orgs.PropertyRequest, schema_id: int) -> HttpResponse:
    """Show one version of a schema, with what differs from it."""
    row = _found(request, schema_id)
    mine = EventSchema.objects.filter(property_id=row.property_id, kind=row.kind, name=row.name)
    versions = list(mine.select_related("made_by").order_by("-version")[:SHOWN_VERSIONS])
    context = {
        "row": row,
        "is_newest": versions[0].pk == row.pk,
        "fields": shape_of(row.fields).items(),
        "columns": [
            {"label": _("Field")}, {"label": _("Types")}, {"label": _("In events"), "is_numeric": True},
            {"label": _("Values")},
        ],
        "drifts": [(one, said_of_value(one.detail)) for one in row.drifts.filter(closed_at=None)],
        "drift_columns": [
            {"label": _("What")}, {"label": _("Field")}, {"label": _("How")},
            {"label": _("In events"), "is_numeric": True}, {"label": _("Since")},
        ],
        "versions": versions,
        "may_change": request.access.may(orgs.Permission.QUALITY),
    }  # fmt: skip
    return render(request, "quality/schema.html", context)


@quality_page(orgs.Permission.QUALITY)
@require_POST
def accept_schema(request: orgs.PropertyRequest, schema_id: int) -> HttpResponse:
    """Make what came in the last week the schema."""
    row = _found(request, schema_id)
    fresh = services.accept_schema(
        property_id=request.property.id, schema_id=row.pk, made_by=request.user, now=timezone.now()
    )
    if fresh is None:
        messages.error(request, _("Too few events came in the last week to learn from."))
    else:
        messages.success(request, _("Version %(version)d is in force.") % {"version": fresh.version})
    info = request.property
    return redirect("quality:schema-detail", info.organization_slug, info.slug, (fresh or row).pk)


def _found(request: orgs.PropertyRequest, schema_id: int) -> EventSchema:
    return get_object_or_404(EventSchema, property_id=request.property.id, pk=schema_id)
