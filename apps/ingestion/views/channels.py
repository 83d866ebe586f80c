"""A property's own channels: the rules, their versions, and what a change would move."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

import attribution as engine
from apps.ingestion import finding, queries, services
from apps.ingestion.domain.channel_rules import ChannelRule, own_channel
from apps.ingestion.domain.found import SourceCount
from apps.ingestion.forms import ChannelRules
from apps.orgs import api as orgs

DAYS, SHOWN, SHOWN_VERSIONS = 90, 100, 10


@orgs.property_page(orgs.Permission.SETTINGS_READ)
def channels(request: orgs.PropertyRequest) -> HttpResponse:
    """Show the rules, preview or save others; analysts may change them."""
    info = request.property
    may_change = request.access.may(orgs.Permission.GOALS)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    version, rules = queries.channel_rules(info.id)
    forms = ChannelRules(request.POST or None, version=version, rules=rules)
    is_good = forms.is_bound and forms.is_valid()
    if is_good and "preview" not in request.POST:
        row = services.change_channels(property_id=info.id, made_by=request.user, rules=forms.rules())
        messages.success(request, _("Saved as version %(version)d.") % {"version": row.version})
        return redirect(request.path)
    context = {
        "forms": forms,
        "version": version,
        "may_change": may_change,
        "versions": queries.channel_versions(info.id)[:SHOWN_VERSIONS],
        "is_preview": is_good,
        "moves": moves(info.id, forms.rules()) if is_good else [],
        "days": DAYS,
        "known": [channel.value for channel in engine.Channel],
        "columns": [
            {"label": _("Source and medium")},
            {"label": _("Campaign")},
            {"label": _("Channel now")},
            {"label": _("Channel then")},
            {"label": _("Events"), "is_numeric": True},
        ],
    }
    return render(request, "ingestion/channels.html", context, status=422 if forms.is_bound and not is_good else 200)


def _default(used: SourceCount) -> str:
    return str(
        engine.classify_channel(
            source=used.source,
            medium=used.medium,
            campaign=used.campaign,
            click_id_kind=used.click_id_kind,
            referrer_host=used.referrer_host,
        )
    )


def moves(property_id: int, rules: Sequence[ChannelRule]) -> list[dict[str, Any]]:
    """Return what of the last months *rules* would put elsewhere, the most events first."""
    found: Counter[tuple[str, ...]] = Counter()
    for used in finding.sources_used(property_id, now=timezone.now(), days=DAYS):
        then = own_channel(tuple(rules), used.words) or _default(used)
        if then != used.channel:
            found[used.source, used.medium, used.campaign, used.channel, then] += used.events
    names = ("source", "medium", "campaign", "now", "then")
    return [{**dict(zip(names, key, strict=True)), "events": events} for key, events in found.most_common(SHOWN)]
