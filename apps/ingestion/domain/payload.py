"""The shapes that clients send: Segment's protocol, decoded and checked by msgspec in one pass.

Identity, kind, time and money are strict. What only describes the surroundings takes any plain value, because the
libraries in the field disagree about it; an object where a text belongs is still refused.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct

Plain = str | int | float | bool | None
Id = str | int | None
Preference = bool | str | int | float | None
Preferences = dict[str, Preference]

NO_JSON = Raw(b"")


class Campaign(Struct, gc=False):
    """What the client states about the source of the visit; `channel` overrides the classification."""

    name: Plain = None
    source: Plain = None
    medium: Plain = None
    term: Plain = None
    content: Plain = None
    channel: Plain = None


class Page(Struct, gc=False):
    """Where it happened, from `context.page` or from the properties of a page call."""

    url: Plain = None
    path: Plain = None
    referrer: Plain = None
    title: Plain = None


class Consent(Struct, rename="camel", gc=False):
    """What the person agreed to: Segment's categories, a plain status, purposes by name, or a string of TCF 2."""

    category_preferences: Preferences | None = None
    status: str | None = None
    purposes: Preferences | None = None
    granted: bool | None = None
    measurement: Preference = None
    analytics: Preference = None
    performance: Preference = None
    statistics: Preference = None
    marketing: Preference = None
    advertising: Preference = None
    targeting: Preference = None
    # As the consent mode of Google's tags names them, which is how they are copied out of its call.
    analytics_storage: Preference = msgspec.field(name="analytics_storage", default=None)
    ad_storage: Preference = msgspec.field(name="ad_storage", default=None)
    ad_user_data: Preference = msgspec.field(name="ad_user_data", default=None)
    ad_personalization: Preference = msgspec.field(name="ad_personalization", default=None)
    tcf: str | None = None
    tc_string: str | None = None
    gdpr_applies: bool | int | None = None
    gpc: Any = None


class System(Struct, gc=False):
    """The operating system that a mobile library reports."""

    name: Plain = None


class Machine(Struct, gc=False):
    """The device that a mobile library reports."""

    type: Plain = None


class Context(Struct, rename="camel", gc=False):
    """What surrounds an event, as far as it becomes columns."""

    ip: Plain = None
    user_agent: Plain = None
    locale: Plain = None
    page: Page | None = None
    campaign: Campaign | None = None
    consent: Consent | None = None
    gpc: Any = None
    referrer: Any = None
    location: Any = None
    os: System | None = None
    device: Machine | None = None


class Payload(Struct, rename="camel", frozen=True, gc=False):
    """One event as sent."""

    type: str = ""
    message_id: Id = None
    anonymous_id: Id = None
    user_id: Id = None
    previous_id: Id = None
    group_id: Id = None
    event: str | None = None
    name: str | None = None
    category: Any = None
    timestamp: str | int | float | None = None
    original_timestamp: str | int | float | None = None
    sent_at: str | int | float | None = None
    context: Context | None = None
    properties: Raw = NO_JSON
    traits: Raw = NO_JSON


LONGEST_ID = 512
LONGEST_NAME = 512
# A longer number is counted digit by digit.
ShortId = Annotated[str, Meta(max_length=LONGEST_ID)] | Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None
ShortName = Annotated[str, Meta(max_length=LONGEST_NAME)] | None


class ShortPayload(Payload, rename="camel", frozen=True, gc=False):
    """One event whose ids and name are not too long: the decoder says so, which spares five looks at each event."""

    message_id: ShortId = None
    anonymous_id: ShortId = None
    user_id: ShortId = None
    previous_id: ShortId = None
    group_id: ShortId = None
    event: ShortName = None
    name: ShortName = None


class SealedPayload(Struct, rename="camel", frozen=True, gc=False):
    """What the writer reads of an event that the door took: not what stands beside it on the log, nor its context."""

    anonymous_id: Id = None
    user_id: Id = None
    previous_id: Id = None
    group_id: Id = None
    event: str | None = None
    name: str | None = None
    category: Any = None
    context: Raw = NO_JSON
    properties: Raw = NO_JSON
    traits: Raw = NO_JSON


class Properties(Struct, frozen=True, gc=False):
    """The properties that become columns. Money may be anything here: what is wrong with it is said by its own step."""

    revenue: Any = None
    value: Any = None
    total: Any = None
    currency: Any = None
    order_id: Plain = None
    orderId: Plain = None  # noqa: N815  the other spelling in the field
    url: Plain = None
    path: Plain = None
    referrer: Plain = None
    title: Plain = None


class Batch(Struct, rename="camel", gc=False):
    """Many events in one request; each is decoded on its own, so that one bad event spoils no other."""

    batch: list[Raw]
    write_key: Plain = None
    sent_at: str | int | float | None = None
    context: Raw = NO_JSON


class IdOnly(Struct, rename="camel", gc=False):
    """The id of an event of which nothing else can be read."""

    message_id: Id = None


class KeyOnly(Struct, rename="camel", gc=False):
    """The write key inside a body, where browsers put it."""

    write_key: Plain = None


class KeysOnly(Struct, rename="camel", gc=False):
    """The write keys inside the events of a batch that states none for all."""

    batch: list[KeyOnly]


decode_payload = msgspec.json.Decoder(Payload).decode
decode_short = msgspec.json.Decoder(ShortPayload).decode
decode_sealed = msgspec.json.Decoder(SealedPayload).decode
decode_context = msgspec.json.Decoder(Context | None).decode
decode_properties = msgspec.json.Decoder(Properties | None).decode
decode_batch = msgspec.json.Decoder(Batch).decode
decode_id = msgspec.json.Decoder(IdOnly).decode
decode_key = msgspec.json.Decoder(KeyOnly).decode
decode_keys = msgspec.json.Decoder(KeysOnly).decode
NO_PAYLOAD, NO_PROPERTIES = Payload(), Properties()
