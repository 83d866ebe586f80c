"""The door for other apps."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.queries import owner_of_domain
from apps.accounts.services import entering

__all__ = ["may_enter", "owner_of_domain"]


def may_enter(*, organization: str, user: Any, session: Mapping[str, Any]) -> bool:
    """Tell whether *session* shows all that the organization at that address asks of its members.

    Whether *user* is one is another question. Pages need not ask: the middleware has.
    """
    return entering.look(organization=organization, user=user, session=session).missing is None
