"""An event on its way: the row it becomes, the surroundings it came in, and how it can end."""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from apps.compliance.api import DEFAULT_RULES, ConsentRules
from apps.ingestion.domain.payload import NO_PAYLOAD, NO_PROPERTIES, Payload, Properties
from apps.ingestion.domain.ports import ConsentMemory

LONGEST_WORD = 512  # of a source, a campaign, an id of a click


class Kind(StrEnum):
    """What an event tells."""

    TRACK = "track"
    PAGE = "page"
    SCREEN = "screen"
    IDENTIFY = "identify"
    GROUP = "group"
    ALIAS = "alias"
    CLICK = "click"
    IMPRESSION = "impression"
    SPEND = "spend"


SENDABLE_KINDS = frozenset({"track", "page", "screen", "identify", "group", "alias"})


class End(StrEnum):
    """How an event ends that is not stored."""

    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"
    REFUSED = "refused"
    # What became later of an event in quarantine, and of one that was repaired as it came.
    REPLAYED = "replayed"
    DISCARDED = "discarded"
    RESTORED = "restored"
    REPAIRED = "repaired"


class Dropped(Struct, frozen=True, gc=False):
    """The end of an event, why, and which field is to blame."""

    end: End
    reason: str
    detail: str = ""
    field: str = ""


class Surroundings(Struct, frozen=True, gc=False):
    """What the steps know beside the event: whose it is, how it came, and the property's rules."""

    property_id: int
    stream_id: int
    stream_kind: str
    currency: str
    own_domains: frozenset[str]
    referrer_exclusions: frozenset[str]
    user_agent: str = ""
    country: str = ""
    time_zone: str = "UTC"
    consent: ConsentRules = DEFAULT_RULES
    sends_signal: bool = False  # Global Privacy Control, in the head of the request
    memory: ConsentMemory | None = None
    click_ids: tuple[tuple[str, str, str], ...] = ()  # the property's own: name, source, medium
    # Whether an event that says nothing of consent may be taken unseen, unless something is remembered.
    asks_nobody: bool = False


class ContextFacts(Struct, frozen=True, eq=False, gc=False):
    """What follows from an event's context: events that state the same context share one of these.

    It is compared by identity, so that the many events of a block find their few with one look each.
    """

    channel: str = ""
    source: str = ""
    medium: str = ""
    campaign: str = ""
    term: str = ""
    content: str = ""
    click_id_kind: str = ""
    click_id: str = ""
    referrer_host: str = ""
    has_source: bool = False
    page_url: str = ""
    page_path: str = ""
    title: str = ""
    device: str = ""
    os: str = ""
    browser: str = ""
    locale: str = ""
    context: str = ""


NO_CONTEXT_FACTS = ContextFacts()


class Event(Struct, gc=False):
    """One event as it becomes a row, filled by the steps: its own columns, and those that its context gives.

    Instants are milliseconds since 1970 in UTC: that is what the store keeps, and nothing on the way needs more.
    """

    property_id: int
    stream_id: int
    message_id: str
    kind: str
    name: str
    occurred_at: int
    received_at: int
    logged_at: int = 0
    stored_at: int = 0
    country: str = ""
    link_id: int = 0
    anonymous_id: str = ""
    user_id: str = ""
    previous_id: str = ""
    device_key: int = 0
    person_key: int = 0
    value: Decimal | None = None
    currency: str = ""
    order_id: str = ""
    properties: str = ""
    # The expectations that it fails and is stored all the same, and the repairs that changed it.
    flags: tuple[int, ...] = ()
    repairs: tuple[int, ...] = ()
    # From here on: what is no column of its own.
    of_context: ContextFacts = NO_CONTEXT_FACTS
    payload: Payload = NO_PAYLOAD
    facts: Properties = NO_PROPERTIES
    raw: bytes | memoryview = b""
