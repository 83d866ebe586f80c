"""The event log on Valkey Streams: one entry per request, one group, one reader at a time.

Durable through `appendfsync always` on an instance of its own: the server writes to its disk before it answers, and
clients that wait at the same time share one write. An entry is deleted only when its events are stored.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from xxhash import xxh64_digest

from apps.shared.valkey_wire import Wires

if TYPE_CHECKING:
    import redis
from apps.ingestion.domain.ports import Entry, LogUnavailable

STREAM, GROUP, READER = b"events", b"writers", b"writer"
_BODY, _SUM = b"d", b"s"
_HOLDER = b"events:holder"
_ALL = 1_000_000
_CLICK = b"events:"  # before the names of clicks, which live for seconds beside the stream
# The first click of a name goes on the log; of a later one the caller hears which it doubles. One question for both.
_APPEND_FIRST = b"""
local first = redis.call('SET', KEYS[2], ARGV[1], 'NX', 'GET', 'PX', ARGV[2])
if first then return first end
redis.call('XADD', KEYS[1], '*', ARGV[3], ARGV[4], ARGV[5], ARGV[6])
return ARGV[1]
"""
# Takes the place of a holder only if nobody else did meanwhile.
_TAKE_OVER = """
if (redis.call('GET', KEYS[1]) or '') == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) return 1 end
return 0
"""


class ValkeyLog:
    """Appends, and reads what is not yet committed. Safe to share between threads."""

    def __init__(self, url: str, *, timeout: float = 5.0, is_reader: bool = False) -> None:
        self._url, self._timeout, self._is_reader = url.replace("valkey://", "redis://", 1), timeout, is_reader
        self._wires = Wires(url, timeout)
        # Entries that an earlier life of the reader took and did not commit come first.
        self._old: bytes | None = b"0"
        self._has_group = False
        self.is_rereading = False
        self._named: tuple[int, bytes] | None = None

    partitions = 1

    @cached_property
    def _client(self) -> "redis.Redis":
        import redis  # 19 MB, and the door appends without it

        return redis.Redis.from_url(
            self._url,
            socket_timeout=self._timeout,
            socket_connect_timeout=self._timeout,
            socket_keepalive=True,
            retry_on_error=[],
            single_connection_client=self._is_reader,  # the reader is known to the server by its connection
        )

    def append_many(self, parts: Sequence[tuple[int, bytes]]) -> list[str]:
        """Return the offsets of several bodies once they are safe on disk."""
        return [self.append(body) for _partition, body in parts]

    def append(self, body: bytes, *, partition: int = 0) -> str:  # noqa: ARG002  there is one
        """Return the offset of *body* once it is safe on disk."""
        return self._asked(b"XADD", STREAM, b"*", _BODY, body, _SUM, xxh64_digest(body))

    def append_first(self, body: bytes, *, click: str, value: str, milliseconds: int) -> str:
        """Return the value under *click*: *value* once *body* is safe on disk, else that of the click before."""
        limits = (value.encode(), str(milliseconds).encode())
        entry = (_BODY, body, _SUM, xxh64_digest(body))
        return self._asked(b"EVAL", _APPEND_FIRST, b"2", STREAM, _CLICK + click.encode(), *limits, *entry)

    def _asked(self, *command: bytes) -> str:
        try:
            answer = self._wires.wire.call(*command)
        except OSError as error:
            raise LogUnavailable(str(error)) from error
        if not isinstance(answer, bytes):
            raise LogUnavailable(f"The log answered {answer!r}.")
        return answer.decode()

    def read(self, *, most: int, wait: float) -> list[Entry]:
        """Return the next entries, first those that were read before and not committed."""
        with _unavailable():
            self._ensure_group()
            if self._old is not None:
                # All of them at once: a block that was under way keeps its bounds, and with them its token.
                entries = self._take(self._old, _ALL, None)
                self._old = entries[-1].offset.encode() if entries else None
                self.is_rereading = bool(entries)
                if entries:
                    return entries
            return self._take(b">", most, max(int(wait * 1000), 1))

    def commit(self, offsets: Sequence[str]) -> None:
        """Forget the entries at *offsets*."""
        with _unavailable():
            for start in range(0, len(offsets), 5_000):
                part = offsets[start : start + 5_000]
                with self._client.pipeline(transaction=True) as both:
                    both.execute_command("XACK", STREAM, GROUP, *part)
                    both.execute_command("XDEL", STREAM, *part)
                    both.execute()

    def rewind(self) -> None:
        """Read again, from its beginning, what was read and not committed: after a failure between the two."""
        self._old = b"0"

    def hold(self) -> bool:
        """Tell whether this reader is the one; it becomes so when the one before is gone.

        Two writers at once would each store what the other has not seen yet. The server knows when a connection
        ends, so a killed writer is replaced at once, and one that only pauses is not.
        """
        with _unavailable():
            mine = self._name()
            holder = self._client.execute_command("GET", _HOLDER) or b""
            if holder == mine:
                return True
            if holder and self._is_connected(holder):
                return False
            self._old = b"0"
            return bool(self._client.execute_command("EVAL", _TAKE_OVER, 1, _HOLDER, holder, mine))

    def has_gained(self) -> bool:
        """Tell whether another reader had these entries: with one reader at a time, `hold` sees to it."""
        return False

    def places(self, entries: Sequence[Entry]) -> tuple[()]:  # noqa: ARG002
        """Return nothing: one reader has the whole log."""
        return ()

    def may_repeat(self, entries: Sequence[Entry]) -> bool:  # noqa: ARG002  all of them, or none
        """Tell whether the entries that were read last may have their end: those that were read before."""
        return self.is_rereading

    def close(self) -> None:
        """Let others read on."""
        if "_client" in self.__dict__:  # else it was never reached
            self._client.close()

    def _name(self) -> bytes:
        # Connection numbers begin anew when the server does, so its own id belongs to the name.
        client_id = int(self._client.execute_command("CLIENT ID"))
        if self._named is None or self._named[0] != client_id:
            self._named = (client_id, f"{self._run_id()}:{client_id}".encode())
        return self._named[1]

    def _run_id(self) -> str:
        return str(self._client.info("server")["run_id"])

    def _is_connected(self, holder: bytes) -> bool:
        run_id, _, client_id = holder.decode().partition(":")
        return run_id == self._run_id() and bool(self._client.client_list(client_id=[client_id]))

    def lag(self) -> int:
        """Return the number of entries that are not committed."""
        with _unavailable():
            return int(self._client.execute_command("XLEN", STREAM))

    def waiting(self, *, most: int) -> list[Entry]:
        """Return entries that are not committed, newest first, without taking them."""
        with _unavailable():
            return _entries(self._client.execute_command("XREVRANGE", STREAM, "+", "-", "COUNT", most))

    def clear(self) -> None:
        """Forget everything. For tests and demonstrations."""
        with _unavailable():
            self._client.delete(STREAM)
            self._has_group, self._old = False, b"0"

    def _ensure_group(self) -> None:
        if self._has_group:
            return
        from redis.exceptions import ResponseError

        try:
            self._client.execute_command("XGROUP", "CREATE", STREAM, GROUP, "0", "MKSTREAM")
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
        self._has_group = True

    def _take(self, start: bytes, most: int, block: int | None) -> list[Entry]:
        from redis.exceptions import ResponseError

        waiting: tuple[Any, ...] = () if block is None else ("BLOCK", block)
        try:
            answer = self._client.execute_command(
                "XREADGROUP", "GROUP", GROUP, READER, "COUNT", most, *waiting, "STREAMS", STREAM, start
            )
        except ResponseError as error:
            self._has_group = "NOGROUP" not in str(error)  # someone emptied the instance: make the group anew next time
            raise
        if not answer:
            return []
        found = answer[STREAM] if isinstance(answer, dict) else answer[0][1]
        return _entries(found[0] if isinstance(answer, dict) else found)


def _entries(found: Any) -> list[Entry]:
    return [_entry(offset, fields) for offset, fields in found if fields]


def _entry(offset: bytes, fields: Any) -> Entry:
    named = fields if isinstance(fields, dict) else dict(zip(fields[::2], fields[1::2], strict=True))
    body, text = named.get(_BODY, b""), offset.decode()
    # The server's file has no checksums: a bit that flips in it would otherwise be an event that nobody sent.
    is_whole = _BODY in named and (_SUM not in named or named[_SUM] == xxh64_digest(body))
    return Entry(text, int(text.partition("-")[0]), body, is_whole)


@contextmanager
def _unavailable() -> Iterator[None]:
    """Turn every failure of the server into one: full memory, full disk, no connection, a time-out."""
    from redis.exceptions import RedisError

    try:
        yield
    except (RedisError, OSError) as error:
        raise LogUnavailable(str(error)) from error
