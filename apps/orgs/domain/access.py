"""What one member, or one API key, may do in one organization."""

from dataclasses import dataclass, field

from apps.orgs.domain.permissions import WHOLE_ONLY, Permission, implied
from apps.shared.behalf import Limits

_ALL = Limits()


@dataclass(frozen=True, slots=True)
class Access:
    """Permissions, in some or all properties, on all or a part of their figures."""

    organization_id: int
    title: str
    granted: frozenset[Permission]
    property_ids: frozenset[int] = frozenset()
    limits: Limits = field(default_factory=Limits)
    organization_slug: str = ""

    @property
    def permissions(self) -> frozenset[Permission]:
        """What is allowed in fact: whoever is limited to a part sees nothing that cannot be divided."""
        return implied(self.granted) - WHOLE_ONLY if self.limits else implied(self.granted)

    def may(self, permission: str) -> bool:
        """Tell whether this is allowed."""
        return permission in self.permissions

    def reaches(self, property_id: int) -> bool:
        """Tell whether a property is among those this is for."""
        return not self.property_ids or property_id in self.property_ids

    def may_give(
        self, permissions: frozenset[Permission], *, property_ids: frozenset[int] = frozenset(), limits: Limits = _ALL
    ) -> bool:
        """Tell whether whoever has this may let somebody else have as much: nobody gives more than they have."""
        is_inside = not self.property_ids or (bool(property_ids) and property_ids <= self.property_ids)
        return (
            permissions <= implied(self.granted)
            and is_inside
            and _within(limits.sources, self.limits.sources)
            and _within(limits.countries, self.limits.countries)
        )


def _within(given: tuple[str, ...], own: tuple[str, ...]) -> bool:
    return not own or (bool(given) and set(given) <= set(own))
