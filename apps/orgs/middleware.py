"""On whose behalf a request is answered, and what every page shows about where it is."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from apps.orgs import queries
from apps.orgs.addresses import address_of
from apps.shared import behalf
from apps.shared.behalf import Actor, Behalf

# Where operators see every organization, by name. All other rows of the admin are those of organizations that they are
# in, as everywhere: with a stated reason, see SupportAccess.
_OPERATORS = ("/admin/orgs/organization/", "/admin/orgs/supportaccess/", "/admin/orgs/user/")
# How many properties the switch offers; whoever has more finds the others on the page of all properties.
SWITCHED_TO = 30
Answerer = Callable[[HttpRequest], HttpResponse]


class BehalfMiddleware:
    """Has a request see the organizations of the person who is signed in, or nothing.

    Stands right behind the middleware that knows the person. A page's door narrows it to one organization.
    """

    def __init__(self, get_response: Answerer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with behalf.acting(_behalf_of(request)):
            is_somebody = request.user.is_authenticated
            response = self.get_response(request)
            if is_somebody:
                # What somebody saw stays on no disk, and nothing of it stays when they leave.
                response.headers.setdefault("Cache-Control", "no-store, private")
                if not request.user.is_authenticated:
                    response.headers["Clear-Site-Data"] = '"cache", "storage"'
            if response.streaming:
                response.streaming_content = behalf.carried(response.streaming_content)  # type: ignore[attr-defined]
            return response


def _behalf_of(request: HttpRequest) -> Behalf:
    address, request_id = address_of(request), getattr(request, "request_id", "")
    user = request.user
    if not user.is_authenticated:
        return Behalf(actor=Actor("stranger", address=address, request_id=request_id))
    actor = Actor("person", user.pk, user.email, address, request_id)
    is_operator = user.is_staff and request.path_info.startswith(_OPERATORS)
    return Behalf(person_id=None if is_operator else user.pk, is_system=is_operator, actor=actor)


class PropertyMiddleware:
    """Gives a request `properties` (lazy), and `property`, `organization` and `access`, None until a door sets them."""

    def __init__(self, get_response: Answerer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.property = request.organization = request.access = None  # type: ignore[attr-defined]
        request.properties = SimpleLazyObject(lambda: _properties(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _properties(request: HttpRequest) -> list[object]:
    """Return the first properties of all the person's organizations, also on a page that is about one of them."""
    if not request.user.is_authenticated:
        return []
    with behalf.acting(behalf.of_person(request.user.pk)):
        return list(queries.properties_of(request.user)[:SWITCHED_TO])
