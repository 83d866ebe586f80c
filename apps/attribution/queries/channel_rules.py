"""The channel rules of a property: every version, and the one that was made last."""

from dataclasses import dataclass

import attribution as engine
from apps.attribution.models import ChannelRulesVersion, Watermark


@dataclass(frozen=True, slots=True)
class VersionedChannelRules:
    """The versions of a property's channel rules, newest first, and the number of the newest (0: none was made)."""

    version: int
    versions: tuple[engine.ChannelRules, ...]

    @property
    def newest(self) -> engine.ChannelRules:
        """The rules for what happens from now on."""
        return self.versions[0] if self.versions else engine.ChannelRules()


def channel_rules_of(property_id: int) -> VersionedChannelRules:
    """Return the channel rules of a property."""
    rows = list(ChannelRulesVersion.objects.filter(property_id=property_id).order_by("-version"))
    versions = tuple(engine.ChannelRules.of(row.rules, row.applies_from) for row in rows)
    return VersionedChannelRules(rows[0].version if rows else 0, versions)


def are_channels_pending(property_id: int) -> bool:
    """Tell whether journeys still have the channels of older rules, because they have not been built since."""
    built = Watermark.objects.filter(property_id=property_id).values_list("channel_rules_version", flat=True).first()
    return channel_rules_of(property_id).version != (built or 0)
