"""Who may do what: the one table that pages, the API, WebSockets, exports, the menu and the matrix page ask."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """One thing that may be allowed. The value is its name in the API, in custom roles and in the record."""

    REPORTS = "reports.read"
    EXPORT = "reports.export"
    JOURNEYS = "journeys.read"
    EVENTS = "events.read"
    GOALS = "goals.change"
    LINKS = "links.change"
    QUALITY = "quality.change"
    QUARANTINE = "quarantine.release"
    SETTINGS_READ = "settings.read"
    SETTINGS = "settings.change"
    STREAMS_READ = "streams.read"
    STREAMS = "streams.change"
    PROPERTIES = "properties.add"
    MEMBERS_READ = "members.read"
    MEMBERS = "members.change"
    KEYS = "keys.change"
    AUDIT = "audit.read"
    ORGANIZATION = "organization.change"
    OWNERSHIP = "organization.own"


_P = Permission
_ALL = frozenset(Permission)
# By the names of `models.Role`, from most to least.
ROLES: Mapping[str, frozenset[Permission]] = MappingProxyType(
    {
        "owner": _ALL,
        "admin": _ALL - {_P.OWNERSHIP},
        "analyst": frozenset(
            {_P.REPORTS, _P.EXPORT, _P.JOURNEYS, _P.EVENTS, _P.GOALS, _P.LINKS, _P.QUALITY}
            | {_P.SETTINGS_READ, _P.STREAMS_READ, _P.MEMBERS_READ}
        ),
        "marketer": frozenset(
            {_P.REPORTS, _P.EXPORT, _P.JOURNEYS, _P.LINKS, _P.SETTINGS_READ, _P.MEMBERS_READ},
        ),
        "developer": frozenset(
            {_P.REPORTS, _P.JOURNEYS, _P.EVENTS, _P.SETTINGS_READ, _P.STREAMS_READ, _P.STREAMS, _P.KEYS}
            | {_P.MEMBERS_READ, _P.QUALITY, _P.QUARANTINE}
        ),
        "viewer": frozenset({_P.REPORTS, _P.EXPORT, _P.JOURNEYS, _P.EVENTS, _P.SETTINGS_READ, _P.MEMBERS_READ}),
        "guest": frozenset({_P.REPORTS, _P.EXPORT}),
    }
)
# Only an owner makes an owner, so no custom role holds this.
NEVER_CUSTOM = frozenset({Permission.OWNERSHIP})
# Single conversions and events name persons, orders and the sources of others: who is limited to a part sees none.
WHOLE_ONLY = frozenset({Permission.JOURNEYS, Permission.EVENTS, Permission.QUALITY, Permission.QUARANTINE})


def known(names: object) -> frozenset[Permission]:
    """Return the permissions among *names*; a name that is none any more allows nothing."""
    listed = names if isinstance(names, list | tuple | set | frozenset) else ()
    return frozenset(Permission(name) for name in listed if name in _VALUES)


_VALUES = frozenset(one.value for one in Permission)
