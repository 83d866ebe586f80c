"""Who may ask the API about a property: its organization's members, signed in; for others there is no such property."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from rest_framework.exceptions import APIException, NotFound
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.orgs import api as orgs
from apps.shared.clickhouse import QueryTooLarge, StoreUnavailable


class TooLarge(APIException):
    """The question met a limit of the store."""

    status_code = 422
    default_detail = "The answer would take longer than a request may wait. Ask for a shorter period."
    default_code = "too_large"


class Unavailable(APIException):
    """The store of events is away."""

    status_code = 503
    default_detail = "The figures cannot be reached at the moment. Try again."
    default_code = "unavailable"


class PropertyView(APIView):
    """An operation about one property, which stands in `info`."""

    info: orgs.PropertyInfo

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let members in (R5)."""
        super().initial(request, *args, **kwargs)
        try:
            self.info = orgs.property_by_id(kwargs["property_id"])
        except (ObjectDoesNotExist, OverflowError):
            raise NotFound from None
        user: Any = request.user
        if not orgs.has_role(organization_id=self.info.organization_id, user=user, least=orgs.Role.VIEWER):
            raise NotFound

    def handle_exception(self, exc: Exception) -> Any:
        """Say honestly when the store is away or asked too much."""
        if isinstance(exc, StoreUnavailable):
            exc = Unavailable()
        elif isinstance(exc, QueryTooLarge):
            exc = TooLarge()
        return super().handle_exception(exc)
