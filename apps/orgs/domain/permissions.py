"""Who may do what: the one table that pages, the API, WebSockets, exports, the menu and the matrix page ask."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """One thing that may be allowed. The value is its name in the API, in custom roles and in the record."""

    REPORTS = "reports.read"
    EXPORT = "reports.export"
    CONVERSIONS = "conversions.read"
    JOURNEYS = "journeys.read"
    EVENTS = "events.read"
    EVENTS_PERSONAL = "events.personal"
    IMPORTS = "events.import"
    GOALS = "goals.change"
    LINKS = "links.change"
    QUALITY = "quality.change"
    QUARANTINE = "quarantine.release"
    SETTINGS_READ = "settings.read"
    SETTINGS = "settings.change"
    IDENTITY = "identity.change"
    STREAMS_READ = "streams.read"
    STREAMS = "streams.change"
    PROPERTIES = "properties.add"
    MEMBERS_READ = "members.read"
    MEMBERS = "members.change"
    KEYS = "keys.change"
    AUDIT = "audit.read"
    AUDIT_CHANGE = "audit.change"
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
            {_P.REPORTS, _P.EXPORT, _P.CONVERSIONS, _P.JOURNEYS, _P.EVENTS, _P.EVENTS_PERSONAL, _P.GOALS}
            | {_P.LINKS, _P.QUALITY, _P.IMPORTS}
            | {_P.SETTINGS_READ, _P.STREAMS_READ, _P.MEMBERS_READ}
        ),
        "marketer": frozenset(
            {_P.REPORTS, _P.EXPORT, _P.CONVERSIONS, _P.JOURNEYS, _P.LINKS, _P.SETTINGS_READ, _P.MEMBERS_READ},
        ),
        "developer": frozenset(
            {_P.REPORTS, _P.CONVERSIONS, _P.JOURNEYS, _P.EVENTS, _P.EVENTS_PERSONAL, _P.SETTINGS_READ, _P.STREAMS_READ}
            | {_P.STREAMS, _P.KEYS, _P.MEMBERS_READ, _P.QUALITY, _P.QUARANTINE, _P.IMPORTS}
        ),
        "viewer": frozenset(
            {_P.REPORTS, _P.EXPORT, _P.CONVERSIONS, _P.JOURNEYS, _P.EVENTS, _P.SETTINGS_READ, _P.MEMBERS_READ}
        ),
        "guest": frozenset({_P.REPORTS, _P.EXPORT, _P.CONVERSIONS}),
    }
)
# Only an owner makes an owner, so no custom role holds this.
NEVER_CUSTOM = frozenset({Permission.OWNERSHIP})
# Journeys and events name persons and the sources of others: who is limited to a part sees none. Of conversions they
# see what their own sources have credit for.
WHOLE_ONLY = frozenset(
    {Permission.JOURNEYS, Permission.EVENTS, Permission.EVENTS_PERSONAL, Permission.QUALITY, Permission.QUARANTINE}
    | {Permission.IMPORTS}
)


def implied(granted: frozenset[Permission]) -> frozenset[Permission]:
    """Return *granted* with what goes with it: who sees whole journeys sees the part that others see of them."""
    return granted | {Permission.CONVERSIONS} if Permission.JOURNEYS in granted else granted


def known(names: object) -> frozenset[Permission]:
    """Return the permissions among *names*; a name that is none any more allows nothing."""
    listed = names if isinstance(names, list | tuple | set | frozenset) else ()
    return frozenset(Permission(name) for name in listed if name in _VALUES)


_VALUES = frozenset(one.value for one in Permission)
