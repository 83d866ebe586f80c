"""Macs and iPads send the same user agent, and only the browser knows which it is: a page that asks it, and goes on."""

import base64
import hashlib
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils.html import escape

from apps.ingestion.domain import agents
from apps.ingestion.domain.links import LinkInfo
from apps.ingestion.rest import answers, visitors

PARAMETER = "touch"  # what the page adds to the address of the link: 1 for an iPad, 0 for a Mac
_SCRIPT = (
    f'location.replace((location.search ? location.search + "&" : "?") + "{PARAMETER}="'
    " + (navigator.maxTouchPoints > 1 ? 1 : 0))"
)
_HASH = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; script-src 'sha256-{_HASH}'",
    "Referrer-Policy": "no-referrer",  # else the page behind the link would take the link's own host for a referrer
    "X-Content-Type-Options": "nosniff",
}


def system_of(request: HttpRequest, link: LinkInfo) -> str | None:
    """Return the system that decides where a click on *link* goes; None where the browser has to be asked first."""
    if not (link.ios_destination or link.android_destination):
        return ""
    user_agent = request.META.get("HTTP_USER_AGENT", "")[:1024]
    if not link.ios_destination or not agents.may_be_ipad(user_agent) or visitors.is_prefetch(request):
        return agents.agent(user_agent).os
    said = visitors.parameter(request, PARAMETER)
    if request.method == "GET" and said not in ("0", "1"):
        return None
    return "iOS" if said == "1" else "macOS"


def page(request: HttpRequest) -> HttpResponse:
    """Return the page that asks. It counts nothing: the click is the request that follows at once."""
    query = quote(request.META.get("QUERY_STRING", ""), safe="%&=+-._~")
    without_script = escape(f"?{query}{'&' if query else ''}{PARAMETER}=0")
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="robots" content="noindex"><title>…</title>'
        f'<noscript><meta http-equiv="refresh" content="0;url={without_script}"></noscript><script>{_SCRIPT}</script>'
    )
    return answers.with_headers(HttpResponse(body, content_type="text/html; charset=utf-8"), _HEADERS)
