"""Which partition of the log an event belongs to: that of its property and person."""

import msgspec
from msgspec import Struct
from xxhash import xxh64_intdigest

from apps.ingestion.domain.deliveries import Item


class _Ids(Struct, rename="camel", gc=False):
    anonymous_id: str | int | None = None
    user_id: str | int | None = None


_decode = msgspec.json.Decoder(_Ids).decode


def share_of(property_id: int, item: Item, shares: int) -> int:
    """Return the number, from 0, of the share among *shares* that *item* belongs to; nobody's goes by its own id."""
    ids = _decode(item.payload)
    person = f"u:{ids.user_id}" if ids.user_id else f"a:{ids.anonymous_id or item.message_id}"
    return xxh64_intdigest(f"{property_id}:{person}".encode()) % shares
