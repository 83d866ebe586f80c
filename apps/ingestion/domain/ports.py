"""What ingestion needs from the outside: a durable log, a place for rows, a look at an address."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol

from apps.compliance.api import Consent
from apps.ingestion.domain.marks import Place
from apps.ingestion.domain.payload import Payload
from apps.ingestion.domain.positions import StoredEnd
from apps.ingestion.domain.seen import Hashes


class LogUnavailable(Exception):
    """The log did not take or give anything: it is down, full, or cannot write to its disk. Try again later."""


class Entry(NamedTuple):
    """One delivery on the log, its offset, and when the log took it (milliseconds).

    It is whole unless the log can tell that it is not what was appended.
    """

    offset: str
    logged_at: int
    body: bytes
    is_whole: bool = True


class EventLog(Protocol):
    """The durable log, from the side of the door."""

    @property
    def partitions(self) -> int:
        """Return how many readers can share it at most. Raises LogUnavailable."""
        ...

    def append(self, body: bytes, *, partition: int = 0) -> str:
        """Return the offset of *body* once it is safe on disk. Raises LogUnavailable."""
        ...

    def append_first(self, body: bytes, *, click: str, value: str, milliseconds: int) -> str | None:
        """Put *body* on the log unless another click has had the name *click* for less than *milliseconds*.

        Returns the value of the click that has it: *value* if *body* is on the log now. None where this log has no
        place for names; then nothing was done. Raises LogUnavailable.
        """
        ...

    def append_many(self, parts: Sequence[tuple[int, bytes]]) -> list[str]:
        """Return the offsets of bodies, each with its partition, once all are safe. Raises LogUnavailable."""
        ...

    def waiting(self, *, most: int) -> list[Entry]:
        """Return entries that are not committed, newest first, without taking them. Raises LogUnavailable."""
        ...

    def lag(self) -> int:
        """Return the number of entries that are not committed. Raises LogUnavailable."""
        ...


class EventLogReader(Protocol):
    """The durable log, from the side of the writer. Entries that were read and not committed are read again."""

    @property
    def is_rereading(self) -> bool:
        """Tell whether what was read last had been read before, as one block that keeps its bounds."""
        ...

    def may_repeat(self, entries: Sequence[Entry]) -> bool:
        """Tell whether some of *entries*, which were read last, may have their end in the store already."""
        ...

    def places(self, entries: Sequence[Entry]) -> Sequence[Place]:
        """Return where each of *entries* is among the shares of the log; nothing where one reader has all of it."""
        ...

    def hold(self) -> bool:
        """Tell whether this reader may read now. Raises LogUnavailable."""
        ...

    def has_gained(self) -> bool:
        """Tell, once, whether entries may follow whose doubles another reader has stored."""
        ...

    def rewind(self) -> None:
        """Read again what was read and not committed."""
        ...

    def lag(self) -> int:
        """Return the number of entries that are not committed. Raises LogUnavailable."""
        ...

    def close(self) -> None:
        """Let others read on."""
        ...

    def read(self, *, most: int, wait: float) -> list[Entry]:
        """Return the next entries, at most *most*, waiting *wait* seconds for the first. Raises LogUnavailable."""
        ...

    def commit(self, offsets: Sequence[str]) -> None:
        """Forget the entries at *offsets*: their events have their end. Raises LogUnavailable."""
        ...

    def waiting(self, *, most: int) -> list[Entry]:
        """Return entries that are not committed, newest first, without taking them. Raises LogUnavailable."""
        ...


class ConsentMemory(Protocol):
    """What the persons of one request said before about being measured, and what they say now."""

    @property
    def is_idle(self) -> bool:
        """Tell whether nobody has said anything."""
        ...

    def state_of(self, payload: Payload) -> Consent:
        """Return what is remembered of a person; a refusal under any of their ids counts."""
        ...

    def prepare(self, events: Sequence[bytes]) -> None:
        """Look up everybody in *events* at once."""
        ...

    def keep(self) -> None:
        """Keep what was said."""
        ...

    def note(self, payload: Payload, state: Consent) -> None:
        """Note what a person says now."""
        ...


class StoreUnavailable(Exception):
    """The place of rows did not answer: try again later."""


class Inserted(NamedTuple):
    """What became of a block: the moment that it was stamped with, 0 where it stays as it is, and what was left out.

    `left_out` are the places of rows that another writer has stored meanwhile, with when those were received.
    """

    stamped_at: int = 0
    left_out: Mapping[int, int] = MappingProxyType({})


class EventStore(Protocol):
    """Where rows end up. A block with a token that was inserted before changes nothing."""

    def claim(self, shares: Collection[str]) -> bool:
        """Let no other writer insert what it has read of *shares* of the log, and tell whether one could until now.

        Raises StoreUnavailable.
        """
        ...

    def insert(self, table: str, columns: Mapping[str, Sequence[object]], *, token: str, until: int = 0) -> Inserted:
        """Insert one block, unless it is later than *until* (seconds since 1970, 0 for never) by the store's clock.

        Whatever is stored with the moment that it was stamped with, or an earlier one, can be read then. Raises
        StoreUnavailable.
        """
        ...

    def deadline(self) -> int:
        """Return until when a block is good that rests on what is read from now on: see *until* of `insert`.

        0 for ever, where nobody else inserts. Raises StoreUnavailable.
        """
        ...

    def received(self, ids: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
        """Return when the stored ones of *ids* (property, message id) were received, in milliseconds."""
        ...

    def ended(
        self, offsets: Sequence[str], *, properties: Collection[int], since: int, until: int
    ) -> Iterator[StoredEnd]:
        """Yield the ends of the entries at *offsets*, received from *since* to *until* (milliseconds).

        Property 0 has those of entries that belong to none. Raises StoreUnavailable.
        """
        ...

    def newest_stored_at(self) -> int:
        """Return the largest `stored_at`, in milliseconds; 0 for an empty store. Raises StoreUnavailable."""
        ...

    def now(self) -> int:
        """Return the time by the store's clock, in seconds since 1970. Raises StoreUnavailable."""
        ...

    def count_stamped(self, moment: int, *, month: int) -> int:
        """Return how many rows of a month (202611) carry *moment* (milliseconds). Raises StoreUnavailable."""
        ...

    def id_hashes(self, *, since: int = 0) -> Iterator[Hashes]:
        """Yield the hashes of all ids stored from *since* on (milliseconds), part by part. Raises StoreUnavailable."""
        ...
