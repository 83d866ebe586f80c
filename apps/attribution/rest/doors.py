"""What every operation about credit is: one about a property, honest when the store is away."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.request import Request
from rest_framework.serializers import ValidationError

from apps.attribution import queries
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


class PropertyView(orgs.ApiView):
    """An operation about one property, which stands in `info`."""

    info: orgs.PropertyInfo

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


def require(request: Request, permission: orgs.Permission) -> None:
    """Refuse who may read an operation's object and not change it. Raises PermissionDenied."""
    if not request._request.access.may(permission):  # type: ignore[attr-defined]  # noqa: SLF001  DRF's name of Django's
        raise PermissionDenied


def goal_in_use(property_id: int, wanted: int | None) -> int:
    """Return a goal in use, the primary one where none is wanted. Raises ValidationError."""
    goals = [goal.id for goal in queries.goals(property_id)]
    found = wanted if wanted is not None else next(iter(goals), None)
    if found is None or found not in goals:
        raise ValidationError({"goal": "The property has no such goal."})
    return found


def period_of(first: date, last: date, time_zone: str) -> tuple[datetime, datetime]:
    """Return whole days of a time zone: from the first midnight to the one after the last day."""
    zone = ZoneInfo(time_zone)
    begins, ends = (datetime(one.year, one.month, one.day, tzinfo=zone) for one in (first, last + timedelta(days=1)))
    return begins, ends
