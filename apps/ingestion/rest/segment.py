"""What Segment's own libraries ask for beside the calls: settings of a source, a place for their metrics, a pixel."""

import binascii
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Callable
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.ingestion import wiring
from apps.ingestion.rest import answers, senders, views
from apps.ingestion.rest.bodies import BodyRefused, read_body, whole_characters
from apps.ingestion.rest.links import transparent_point
from apps.shared import regions

View = Callable[..., HttpResponse]
_encode = msgspec.json.encode
_EVERY_EVENT = {"__default": {"enabled": True, "integrations": {}}}
_KEPT = "public, max-age=300"  # browsers ask at every page view, and what is answered changes with the key alone


def project_settings(request: HttpRequest, write_key: str) -> HttpResponse:
    """Answer what a library asks before it sends: where to send, and that nothing is filtered on the way."""
    if request.method == "OPTIONS":
        return answers.options("GET, OPTIONS")
    if request.method not in ("GET", "HEAD"):
        return answers.refused(405, "wrong_method", "Ask with GET.", headers={"Allow": "GET, HEAD, OPTIONS"})
    try:
        stream = senders.stream_of(write_key)
    except wiring.SOURCE_DOWN:
        return answers.unavailable("keys_unavailable", "The write key cannot be checked just now.")
    if stream is None:
        return answers.refused(404, "unknown_write_key", "No stream has this write key.")
    if not regions.is_served(stream.property.region):
        return answers.misdirected(stream.property.region)
    body = _encode(_settings_of(request, write_key))
    return answers.document(body, {"Cache-Control": _KEPT, "Vary": "Host"})


def _settings_of(request: HttpRequest, write_key: str) -> dict[str, Any]:
    host = f"{request.get_host()}/v1"
    destination: dict[str, Any] = {
        "apiKey": write_key,
        "apiHost": host,
        "protocol": request.scheme,
        "addBundledMetadata": True,
        "unbundledIntegrations": [],
        "bundledConfigIds": [],
        "unbundledConfigIds": [],
        "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
    }
    return {
        "integrations": {"Segment.io": destination},
        "plan": {"track": _EVERY_EVENT, "identify": _EVERY_EVENT, "group": _EVERY_EVENT},
        "edgeFunction": {},
        "analyticsNextEnabled": True,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": {"sampleRate": 0, "host": host},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
    }


def library_metrics(request: HttpRequest) -> HttpResponse:
    """Take what a library counts about itself. Nothing of it is kept, and its answer says so."""
    if request.method == "OPTIONS":
        return answers.options()
    if request.method != "POST":
        return answers.refused(405, "wrong_method", "Send with POST.", headers={"Allow": "POST, OPTIONS"})
    try:
        read_body(request, limit=settings.INGESTION_MAX_BATCH_BYTES)
    except BodyRefused as error:
        return answers.refused(error.status, error.reason, error.detail)
    return answers.document(_encode({"success": True, "kept": False}))


def pixel(kind: str) -> View:
    """Return the view of a call that comes in the address of a picture: `data` is the event, as JSON in base64."""

    def view(request: HttpRequest) -> HttpResponse:
        if request.method != "GET":
            return answers.refused(405, "wrong_method", "Ask for the pixel with GET.", headers={"Allow": "GET"})
        data = request.GET.get("data", "")
        try:
            body = _decoded(data)
        except (binascii.Error, ValueError):
            return answers.refused(400, "bad_base64", "`data` is not JSON in base64.", field="data")
        response = views.collect(request, body, None, kind)
        return transparent_point() if response.status_code == 200 else response

    view.__name__ = f"pixel_{kind}"
    return view


def _decoded(data: str) -> bytes:
    # A plus sign that nobody escaped came as a blank, and padding is often left out.
    padded = data.replace(" ", "+") + "=" * (-len(data) % 4)
    if not data:
        raise ValueError("There is no data.")
    body = urlsafe_b64decode(padded) if "-" in padded or "_" in padded else b64decode(padded, validate=True)
    body.decode()
    return whole_characters(body)
