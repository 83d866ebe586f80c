"""How builds read the events of a property: the rules beside goals and windows, and what they mean for its ids."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any

from xxhash import xxh64_intdigest

import attribution as engine


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """What decides how events become visits and persons; `excluded` hosts are no source, whenever events came in."""

    visit_gap: timedelta = engine.VISIT_GAP
    campaign_opens: bool = True
    excluded: tuple[str, ...] = ()
    identity: engine.IdentityRules = field(default_factory=engine.IdentityRules)
    identity_version: int = 0
    channel_rules: tuple[engine.ChannelRules, ...] = ()
    channel_rules_version: int = 0

    @property
    def visit_gap_ms(self) -> int:
        """The gap as statements are bound with it."""
        return self.visit_gap // timedelta(milliseconds=1)

    def stored(self) -> dict[str, Any]:
        """Return, for JSON, what a watermark keeps besides the gap and the version of the channel rules."""
        return {
            "campaign_opens": self.campaign_opens,
            "excluded": sorted(self.excluded),
            "identity": self.identity_version,
        }


@dataclass(frozen=True, slots=True)
class WhoIsWho:
    """What rules about ids mean for one property, in hashes.

    Parameters
    ----------
    rules : engine.IdentityRules
    present : tuple of int
        Keys that are nobody's, of those that its events hold.
    roots : mapping
        The person of every user that an alias names.
    shares_devices : bool
        Whether some device has several users and no crowd of them.
    """

    rules: engine.IdentityRules = field(default_factory=engine.IdentityRules)
    present: tuple[int, ...] = ()
    roots: Mapping[int, int] = field(default_factory=dict)
    shares_devices: bool = False

    @property
    def ignored(self) -> tuple[int, ...]:
        """Every key that is nobody's."""
        return ignored_keys(self.rules)

    @property
    def apart(self) -> tuple[tuple[int, int], ...]:
        """The pairs that are never one person."""
        return tuple((key_of(one), key_of(other)) for one, other in sorted(self.rules.apart))

    @property
    def apart_from(self) -> tuple[tuple[int, int], ...]:
        """Which keys stay apart from which persons."""
        both = (pair for one, other in self.apart for pair in ((one, other), (other, one)))
        return tuple((one, self.roots.get(other, other)) for one, other in both)


def key_of(text: str) -> int:
    """Return the hash of an id (``a:...`` or ``u:...``) as events hold it."""
    return int(xxh64_intdigest(text.encode()))


@lru_cache(maxsize=64)
def ignored_keys(rules: engine.IdentityRules) -> tuple[int, ...]:
    """Return the keys of every id that is nobody's, as an anonymous id and as a user id."""
    return tuple(sorted(key_of(f"{kind}:{text}") for text in rules.ignored() for kind in "au"))
