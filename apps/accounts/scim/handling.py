"""One request of a directory, answered by the SCIM library.

Apart from the view, which imports it with the first request: its models cost every process that knows the project's
addresses a third of its start and 40 MB, and most installations have no directory.
"""

from django.http import HttpRequest
from scim2_models import SCIMException
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from apps.accounts.scim.description import service
from apps.accounts.scim.storage import OrganizationStorage
from apps.orgs.api import Organization


def handle(request: HttpRequest, path: str, organization: Organization) -> ScimResponse:
    """Do what a directory asks of an organization at a path under `/scim/v2/`."""
    asked = ScimRequest(
        method=request.method or "GET",
        base_url=request.build_absolute_uri("/scim/v2"),
        path=f"/{path}",
        query=request.GET.dict(),
        headers=dict(request.headers),
        body=request.body,
    )
    try:
        return ScimHandler(service(), OrganizationStorage(organization)).handle(asked)
    except SCIMException as error:
        return service().error_response(error)
