"""Lookbacks of sources, campaigns and ad groups: those in force, a change, and every version."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.attribution import queries, services
from apps.attribution.domain import lookback_rows
from apps.attribution.domain.lookbacks import BadOverrides, read_overrides, stored_overrides
from apps.attribution.models import RulesVersion
from apps.attribution.wording import lookback_problem
from apps.orgs import api as orgs
from apps.shared.templatetags.figures import span


@orgs.property_page(orgs.Permission.SETTINGS_READ)
def lookbacks(request: orgs.PropertyRequest) -> HttpResponse:
    """Show the lookbacks of sources, campaigns and ad groups, or change them."""
    info, may_change = request.property, request.access.may(orgs.Permission.SETTINGS)
    found = queries.lookback_versions(info.id)
    rows = lookback_rows.rows_of_overrides(stored_overrides(found.newest))
    said, problem = rows, ""
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        said = lookback_rows.read_lookback_rows(dict(request.POST.lists())) or []
        problem = _save(request, said)
        if not problem:
            return redirect("attribution:lookback-list", organization=info.organization_slug, property=info.slug)
    context: dict[str, Any] = {
        "lookback_rows": lookback_rows.with_spare_rows(said),
        "problem": problem,
        "is_fixed": not may_change,
        "version": request.POST.get("version", found.version),
        "covers_past": "covers_past" in request.POST,
        "note": request.POST.get("note", "")[:200],
        "may_change": may_change,
        "usual": _usual(info.rules),
        "versions": [_version(one) for one in queries.rules_changes(info.id, RulesVersion.Topic.OVERRIDES)],
        "try_query": urlencode(lookback_rows.row_parameters(rows)),
    }
    return render(request, "attribution/lookbacks.html", context, status=422 if problem else 200)


def _save(request: orgs.PropertyRequest, rows: list[lookback_rows.LookbackRow]) -> str:
    """Make a new version; return what is wrong with the lines, or nothing."""
    seen = request.POST.get("version", "")
    try:
        services.change_lookbacks(
            property_id=request.property.id,
            seen_version=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else -1,
            overrides=lookback_rows.overrides_of_rows(rows),
            covers_past="covers_past" in request.POST,
            made_by=request.user,
            now=timezone.now(),
            note=request.POST.get("note", "").replace("\x00", "").strip(),
        )
    except BadOverrides as error:
        return lookback_problem(error)
    except services.VersionMovedOn:
        return _("Somebody changed the lookbacks meanwhile. Look at them on a fresh page, and change them again.")
    except services.RulesUnchanged:
        messages.info(request, _("These are the lookbacks already."))
    else:
        messages.success(request, _("The lookbacks are saved."))
    return ""


def _usual(rules: orgs.PropertyRules) -> list[str]:
    """Return what holds where no line fits, and who says so."""
    words = (_("Where no line fits, clicks count for %(span)s, %(who)s;"), _("views for %(span)s, %(who)s."))
    spans = (rules.click_lookback, rules.view_lookback)
    who = [_("as the property says") if own else _("as its organization says") for own in rules.own_lookbacks]
    return [one % {"span": span(length), "who": by} for one, length, by in zip(words, spans, who, strict=True)]


def _version(change: queries.RulesChange) -> dict[str, Any]:
    return {"it": change, "rows": lookback_rows.rows_of_overrides(stored_overrides(read_overrides(change.value)))}
