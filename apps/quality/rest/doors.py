"""What the operations about data quality have in common."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from rest_framework.request import Request
from rest_framework.serializers import ValidationError

from apps.orgs import api as orgs


class ByMethod(orgs.PropertyView):
    """An operation that reads by one permission and changes by another."""

    changes: orgs.Permission = orgs.Permission.QUALITY

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Ask for more where something is changed."""
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            self.needs = self.changes
        super().initial(request, *args, **kwargs)


def given_in(shape: type[Any], request: Request) -> dict[str, Any]:
    """Return the body of a request as *shape* has it. Raises ValidationError of the framework."""
    asked = shape(data=request.data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def valid(change: Any, **given: Any) -> Any:
    """Make a change; what is wrong with it is said by field."""
    try:
        return change(**given)
    except Invalid as error:
        names = {"event": "events", "is_on": "enabled"}
        words = error.message_dict if hasattr(error, "error_dict") else {"non_field_errors": error.messages}
        raise ValidationError({names.get(place, place): said for place, said in words.items()}) from None


def person_of(request: Request) -> Any:
    """Return who changes something, None for a program: the record names its key."""
    return request.user if hasattr(request.user, "get_username") else None
