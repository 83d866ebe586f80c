"""What an operation about the events of a property is: open to whom the table says, honest when the store is away."""

from typing import Any

from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.request import Request

from apps.orgs.domain.permissions import Permission
from apps.orgs.domain.values import PropertyInfo
from apps.orgs.rest.access import ApiView
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


class PropertyView(ApiView):
    """An operation about one property, which stands in `info`."""

    info: PropertyInfo

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let in whom the table of permissions lets in (R5)."""
        super().initial(request, *args, **kwargs)
        self.info = request._request.property  # type: ignore[attr-defined]  # noqa: SLF001  DRF's name of Django's

    def handle_exception(self, exc: Exception) -> Any:
        """Say honestly when the store is away or asked too much."""
        if isinstance(exc, StoreUnavailable):
            exc = Unavailable()
        elif isinstance(exc, QueryTooLarge):
            exc = TooLarge()
        return super().handle_exception(exc)


def require(request: Request, permission: Permission) -> None:
    """Refuse who may read an operation's object and not change it. Raises PermissionDenied."""
    if not request._request.access.may(permission):  # type: ignore[attr-defined]  # noqa: SLF001  DRF's name of Django's
        raise PermissionDenied
