"""What makes a visit, who is no source, and which click ids there are: with what would move."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

import attribution as engine
from apps.attribution import queries, tasks
from apps.attribution.forms import VisitsForm
from apps.attribution.wording import channel_title, in_words
from apps.orgs import api as orgs
from apps.shared.clickhouse import QueryTooLarge, StoreUnavailable

PREVIEW_DAYS = 30


@orgs.property_page(orgs.Permission.SETTINGS_READ)
def visits(request: orgs.PropertyRequest) -> HttpResponse:
    """Show the rules of visits and sources, and change them or show first what would move."""
    info = request.property
    may_change = request.access.may(orgs.Permission.SETTINGS)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    form = VisitsForm(request.POST if request.method == "POST" else None, info=info)
    context: dict[str, Any] = {"form": form, "may_change": may_change, "days": PREVIEW_DAYS}
    status = 200
    if form.is_bound and not form.is_valid():
        status = 422
    elif form.is_bound and "preview" in request.POST:
        context |= _preview(request, form)
    elif form.is_bound:
        _save(request, form)
        return HttpResponseRedirect(request.path)
    context |= _tables(info.rules)
    return render(request, "attribution/visits.html", context, status=status)


def _save(request: orgs.PropertyRequest, form: VisitsForm) -> None:
    changes = form.changes()
    if not changes:
        messages.info(request, _("Nothing was changed."))
        return
    property_id = request.property.id
    row = orgs.change_settings(property_id=property_id, made_by=request.user, **changes)
    transaction.on_commit(lambda: tasks.request_build(property_id))
    messages.success(request, _("Saved as version %(version)d.") % {"version": row.version})


def _preview(request: orgs.PropertyRequest, form: VisitsForm) -> dict[str, Any]:
    """Return what would have moved in the last days, had these rules held for them."""
    property_id, said = request.property.id, form.cleaned_data
    now = timezone.now()
    since = now - timedelta(days=PREVIEW_DAYS)
    wanted = replace(
        queries.reading_rules(property_id),
        visit_gap=said["visit_gap"],
        campaign_opens=said["campaign_opens"],
        excluded=form.hosts(),
    )
    try:
        changed = [
            *queries.excluded_sources(property_id, form.hosts(), since=since),
            *queries.renamed_sources(property_id, said["click_ids"], since=since),
        ]
        preview = queries.preview(property_id, wanted=wanted, period=(since, now + timedelta(days=1)))
    except (StoreUnavailable, QueryTooLarge):
        return {"problem": _("The preview cannot be computed at the moment.")}
    moved = {"preview": in_words(preview), "changed_sources": changed}
    return {**moved, "is_previewed": True, "source_columns": _source_columns()}


def _tables(rules: orgs.PropertyRules) -> dict[str, Any]:
    """Return the click ids in the order in which they are read, and the hosts that are never a source."""
    own = {name for name, _source, _medium in rules.click_ids}
    lines = [(*one, True) for one in rules.click_ids]
    lines += [(name, *facts, False) for name, facts in engine.CLICK_IDS.items() if name not in own]
    return {
        "click_ids": [
            {
                "name": name,
                "source": source,
                "medium": medium,
                "channel": channel_title(channel.value),
                "is_paid": channel in engine.PAID_CHANNELS,
                "is_own": is_own,
            }
            for name, source, medium, is_own in lines
            for channel in [engine.classify_channel(source=source, medium=medium, click_id_kind=name)]
        ],
        "click_id_columns": [
            {"label": label} for label in (_("Parameter"), _("Source"), _("Medium"), _("Channel"), _("Paid"))
        ],
        "default_exclusions": sorted(engine.DEFAULT_REFERRER_EXCLUSIONS),
    }


def _source_columns() -> list[dict[str, Any]]:
    columns: list[dict[str, Any]] = [{"label": label} for label in (_("Source today"), _("becomes"), _("Because of"))]
    return [*columns, {"label": _("Events"), "is_numeric": True}]
