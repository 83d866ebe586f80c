"""Which role follows from what a directory says about a person."""

from collections.abc import Iterable, Mapping
from typing import Any

# An owner is made by an owner: no directory, and nobody who can write to one, makes somebody an owner.
NEVER_GIVEN = frozenset({"owner"})


def role_for(values: Iterable[str], rules: Mapping[str, str], order: Iterable[str]) -> str:
    """Return the greatest role that *rules* (value -> role) give for *values*, or "" when none of them matches.

    *order* lists the roles from most to least. Values are compared without regard to case.

    >>> role_for(["Staff", "Growth"], {"staff": "viewer", "growth": "analyst"}, ["admin", "analyst", "viewer"])
    'analyst'
    """
    wanted = {value.casefold() for value in values}
    given = {role for value, role in rules.items() if value.casefold() in wanted and role not in NEVER_GIVEN}
    return next((role for role in order if role in given), "")


def values_of(claims: Mapping[str, Any], name: str) -> list[str]:
    """Return the values of the claim *name* as texts, also nested ("realm_access.roles") or a single one."""
    found: Any = claims.get(name)
    if found is None and "." in name:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    listed = found if isinstance(found, list | tuple | set) else [found]
    return [str(value) for value in listed if isinstance(value, str | int)]
