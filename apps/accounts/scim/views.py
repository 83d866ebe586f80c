"""The door of SCIM: a bearer token says whose directory asks."""

import json
from dataclasses import replace
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from scim2_models import SCIMException
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import SCIM_MEDIA_TYPE, ScimResponse

from apps.accounts.scim.description import service
from apps.accounts.scim.storage import OrganizationStorage
from apps.accounts.services import tokens
from apps.orgs.api import Organization, address_of
from apps.shared import behalf
from apps.shared.behalf import Actor

log = structlog.get_logger()


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
    asked = ScimRequest(
        method=request.method or "GET",
        base_url=request.build_absolute_uri("/scim/v2"),
        path=f"/{path}",
        query=request.GET.dict(),
        headers=dict(request.headers),
        body=request.body,
    )
    directory = Actor(kind="directory", id=row.pk, name=f"{row}", address=address_of(request))
    with behalf.acting(replace(behalf.of_organization(row.organization_id), actor=directory)):
        given = _given(asked, row.organization)
    log.info("scim", method=asked.method, kind=path.partition("/")[0], status=int(given.status), token_id=row.pk)
    return _of(given)


def _given(asked: ScimRequest, organization: Organization) -> ScimResponse:
    try:
        return ScimHandler(service(), OrganizationStorage(organization)).handle(asked)
    except SCIMException as error:
        return service().error_response(error)


def _of(given: ScimResponse) -> HttpResponse:
    return _written(given.body, int(given.status), given.headers)


def _written(body: dict[str, Any] | None, status: int, headers: dict[str, str]) -> HttpResponse:
    text = "" if body is None else json.dumps(body)
    made = HttpResponse(text, status=status, content_type=SCIM_MEDIA_TYPE)
    for name, value in headers.items():
        made.headers[name] = value
    return made
