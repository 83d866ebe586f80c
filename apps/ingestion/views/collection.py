"""What a property collects: whom it asks first, how much each stream may send, and what was not taken."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.compliance.api import ADVERTISING, AGREEING, EUROPE, MEASUREMENT, REFUSING
from apps.ingestion import finding, queries, services
from apps.ingestion.forms import ConsentForm, limits_formset
from apps.ingestion.forms.reasons import said_of_reason
from apps.orgs import api as orgs

DAYS, SHOWN_VERSIONS = 30, 10


@orgs.property_page(orgs.Permission.SETTINGS_READ)
def collection(request: orgs.PropertyRequest) -> HttpResponse:
    """Show and change the rules of collecting; admins may change them."""
    may_change = _may_change(request)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    info, data = request.property, request.POST if request.method == "POST" else None
    streams = list(orgs.streams_of(info.id))
    is_consent = data is not None and "asks" in data
    consent = ConsentForm(data if is_consent else None, rules=queries.consent_rules(info.id))
    limits = limits_formset(None if is_consent else data, streams, queries.limits_of(info.id))
    if consent.is_bound and consent.is_valid():
        return _save_consent(request, consent)
    if limits.is_bound and limits.is_valid():
        return _save_limits(request, limits, {stream.pk for stream in streams})
    if not may_change:
        for form in (consent, *limits):
            for field in form.fields.values():
                field.disabled = True
    status = 200 if data is None else 422
    return render(request, "ingestion/collection.html", _context(request, consent, limits), status=status)


def _save_consent(request: orgs.PropertyRequest, form: ConsentForm) -> HttpResponse:
    if form.has_changed():
        row = services.change_consent(property_id=request.property.id, made_by=request.user, **form.rules())
        messages.success(request, _("Saved as version %(version)d.") % {"version": row.version})
    else:
        messages.info(request, _("Nothing was changed."))
    return redirect(request.path)


def _save_limits(request: orgs.PropertyRequest, limits: Any, own: set[int]) -> HttpResponse:
    for form in limits:
        values = form.cleaned_data
        if values["stream_id"] in own and form.has_changed():
            services.limit_stream(made_by=request.user, **values)
    messages.success(request, _("Saved. It holds at the door within five seconds."))
    return redirect(request.path)


def _context(request: orgs.PropertyRequest, consent: ConsentForm, limits: Any) -> dict[str, Any]:
    return {
        "consent": consent,
        "limits": limits,
        "may_change": _may_change(request),
        "versions": queries.consent_versions(request.property.id)[:SHOWN_VERSIONS],
        "europe": sorted(EUROPE),
        "ends": _ends(request.property.id),
        "days": DAYS,
        "spoken": _spoken(),
        "columns": [
            {"label": _("Reason")},
            {"label": _("What became of it")},
            {"label": _("Events"), "is_numeric": True},
        ],
    }


def _spoken() -> list[dict[str, Any]]:
    """Return the words in which consent is understood, as the door reads them."""
    return [
        {"title": _("Whether the person is measured: the first that is mentioned"), "words": MEASUREMENT},
        {"title": _("Whether for advertising too: the first that is mentioned"), "words": ADVERTISING},
        {"title": _("Words that agree"), "words": ("true", "1", *sorted(AGREEING - {"true", "1"}))},
        {"title": _("Words that refuse"), "words": ("false", "0", *sorted(REFUSING - {"false", "0"}))},
    ]


def _ends(property_id: int) -> list[dict[str, Any]]:
    titles = {"duplicate": _("Duplicate"), "quarantined": _("Quarantined"), "refused": _("Refused")}
    found = finding.ends_by_reason(property_id, now=timezone.now(), days=DAYS)
    return [
        {
            "reason": end.reason,
            "said": said_of_reason(end.reason),
            "title": titles.get(end.outcome, end.outcome),
            "events": end.events,
        }
        for end in found
    ]


def _may_change(request: orgs.PropertyRequest) -> bool:
    return request.access.may(orgs.Permission.SETTINGS)
