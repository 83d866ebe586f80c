"""A stream, a property and its rules as other apps see them."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class PropertyRules:
    """The rules in force for a property, with the version that made them so.

    `own_lookbacks` are those of clicks and views that the property says itself, `common_lookbacks` those that hold for
    the others of its organization.
    """

    version: int
    click_lookback: timedelta
    view_lookback: timedelta
    visit_gap: timedelta
    own_domains: tuple[str, ...]
    referrer_exclusions: tuple[str, ...]
    default_method: str
    campaign_opens: bool = True
    past_exclusions: tuple[str, ...] = ()
    click_ids: tuple[tuple[str, str, str], ...] = ()
    own_lookbacks: tuple[timedelta | None, timedelta | None] = (None, None)
    common_lookbacks: tuple[timedelta, timedelta] = (timedelta(days=30), timedelta(days=1))


@dataclass(frozen=True, slots=True)
class PropertyInfo:
    """A property: its ids and addresses, money, time zone and rules, and the region that holds its data."""

    id: int
    slug: str
    name: str
    organization_id: int
    organization_slug: str
    organization_name: str
    time_zone: str
    currency: str
    rules: PropertyRules
    region: str = ""


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """A stream: what the door of events must know about a write key."""

    id: int
    kind: str
    name: str
    property: PropertyInfo
    requires_token: bool = False
    # The public keys whose tokens are good: one that is taken away ends its tokens with it.
    key_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PublicKeyInfo:
    """A public key: what the door must know to hand out a token."""

    key_id: str
    client_id: str
    stream_id: int
    pem: str
    algorithm: str
