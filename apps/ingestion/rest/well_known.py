"""The files by which phones learn that an app may open the links of a domain."""

import msgspec
from django.http import HttpRequest, HttpResponse

from apps.ingestion import wiring
from apps.ingestion.domain.app_files import AppFiles, apple, google
from apps.ingestion.rest import answers
from apps.ingestion.rest.domains import domain_of

_KEPT = {"Cache-Control": "public, max-age=3600", "Vary": "Host"}


def apple_file(request: HttpRequest) -> HttpResponse:
    """Answer `/.well-known/apple-app-site-association`."""
    return _file(request, "apple")


def google_file(request: HttpRequest) -> HttpResponse:
    """Answer `/.well-known/assetlinks.json`."""
    return _file(request, "google")


def _file(request: HttpRequest, system: str) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return answers.refused(405, "wrong_method", "Ask with GET.", headers={"Allow": "GET, HEAD"})
    domain = domain_of(request)
    try:
        files: AppFiles | None = wiring.app_files_of()(domain) if domain else None
    except wiring.SOURCE_DOWN:
        return answers.unavailable("apps_unavailable", "The apps cannot be looked up just now.")
    document = None if files is None else apple(files) if system == "apple" else google(files)
    if not document:
        return answers.refused(404, "no_apps", "No app has been named for this domain.")
    response = HttpResponse(msgspec.json.encode(document), content_type="application/json")
    return answers.with_headers(response, _KEPT)
