"""The door of SCIM: a bearer token says whose directory asks."""

import json
from dataclasses import replace
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from apps.accounts.services import tokens
from apps.orgs.api import address_of
from apps.shared import behalf
from apps.shared.behalf import Actor

log = structlog.get_logger()
SCIM_MEDIA_TYPE = "application/scim+json"


@csrf_exempt  # no cookie opens this door, so nobody's browser can be led to it
def answer(request: HttpRequest, path: str = "") -> HttpResponse:
    """Serve one request of a directory."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    row = tokens.find_token(token.strip(), now=timezone.now()) if scheme.lower() == "bearer" else None
    if row is None:
        refused = {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": "401",
            "detail": "Send the token of the organization's directory as Authorization: Bearer ...",
        }
        return _written(refused, 401, {"WWW-Authenticate": 'Bearer realm="Tributary SCIM"'})
    from apps.accounts.scim.handling import handle

    directory = Actor(kind="directory", id=row.pk, name=f"{row}", address=address_of(request))
    with behalf.acting(replace(behalf.of_organization(row.organization_id), actor=directory)):
        given = handle(request, path, row.organization)
    log.info("scim", method=request.method, kind=path.partition("/")[0], status=int(given.status), token_id=row.pk)
    return _written(given.body, int(given.status), given.headers)


def _written(body: dict[str, Any] | None, status: int, headers: dict[str, str]) -> HttpResponse:
    text = "" if body is None else json.dumps(body)
    made = HttpResponse(text, status=status, content_type=SCIM_MEDIA_TYPE)
    for name, value in headers.items():
        made.headers[name] = value
    return made
