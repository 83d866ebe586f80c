"""Where a person begins; organizations, their members and programs; the settings of a property."""

from apps.orgs.views import members, organization, programs, streams
from apps.orgs.views.properties import home, new_property, settings

__all__ = ["home", "members", "new_property", "organization", "programs", "settings", "streams"]
