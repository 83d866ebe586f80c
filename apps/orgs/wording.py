"""Words about the rules of a property that several pages show."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.orgs.domain.permissions import Permission

# In the order in which pages offer them. A test compares the names with the methods that attribution knows.
METHOD_TITLES: dict[str, str | Promise] = {
    "last_non_direct": _("Last non-direct"),
    "last_touch": _("Last touch"),
    "first_touch": _("First touch"),
    "last_paid_click": _("Last paid click"),
    "linear": _("Linear"),
    "linear_distinct": _("Linear by channel"),
    "position_based": _("Position based"),
    "w_shaped": _("W-shaped"),
    "time_decay": _("Time decay"),
    "custom": _("Custom weights"),
}

PERMISSION_TITLES: dict[Permission, str | Promise] = {
    Permission.REPORTS: _("Read reports: credit, totals, methods"),
    Permission.EXPORT: _("Take tables along as files"),
    Permission.CONVERSIONS: _("See the conversions that one's sources have credit for"),
    Permission.JOURNEYS: _("See whole journeys, values and persons"),
    Permission.EVENTS: _("See single events, live and by id"),
    Permission.EVENTS_PERSONAL: _("See ids, addresses and names in events, not only their structure"),
    Permission.IMPORTS: _("Import files of events and ad spend"),
    Permission.GOALS: _("Change goals"),
    Permission.LINKS: _("Make and change links"),
    Permission.QUALITY: _("Change expectations, schemas and kept fixes"),
    Permission.QUARANTINE: _("Replay and discard events in quarantine"),
    Permission.SETTINGS_READ: _("See settings, goals and links"),
    Permission.SETTINGS: _("Change the settings of a property"),
    Permission.IDENTITY: _("Keep ids of persons apart, and let them join again"),
    Permission.STREAMS_READ: _("See write keys"),
    Permission.STREAMS: _("Rotate and revoke write keys"),
    Permission.PROPERTIES: _("Add properties"),
    Permission.MEMBERS_READ: _("See who is a member"),
    Permission.MEMBERS: _("Invite, change and remove members"),
    Permission.KEYS: _("Manage programs and API keys"),
    Permission.AUDIT: _("Read the record of changes"),
    Permission.AUDIT_CHANGE: _("Say how long the record is kept and where it goes"),
    Permission.ORGANIZATION: _("Rename the organization"),
    Permission.OWNERSHIP: _("Hand over or delete the organization"),
}
