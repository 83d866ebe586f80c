"""The engine in this process: opened once, one engine connection per client."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import errors
from .insert_stream import InsertStream
from .names import identifier
from .packets import Setting
from .settings import QuerySettings

# At rest the engine needs 60 MB of its own; these keep it from growing far past that on a small machine.
SERVER_SETTINGS = {
    "mark_cache_size": 128 << 20,
    "primary_index_cache_size": 64 << 20,
    "index_mark_cache_size": 32 << 20,
    "compiled_expression_cache_size": 16 << 20,
    "query_condition_cache_size": 32 << 20,
    "parquet_metadata_cache_size": 8 << 20,
    "max_server_memory_usage_to_ram_ratio": 0.6,
}
SESSION_SETTINGS = "SET " + ", ".join((
    "implicit_select = 0",  # else "2" passes as a query
    "print_pretty_type_names = 0",  # line breaks inside types confuse clients
    "output_format_native_write_json_as_string = 1",  # its own form on the wire cannot be walked
    "output_format_native_encode_types_in_binary_format = 1",  # as text the engine leaves out time zones
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a result in format Native."""

    rows: int
    content: bytes


class Engine:
    """Owns the data folder from `open` to `close`."""

    def __init__(self, folder: Path) -> None:
        chdb = _load()
        arguments = "&".join(f"{name}={value}" for name, value in SERVER_SETTINGS.items())
        self._address = f"{folder}?{arguments}"
        self._connect = chdb.connect
        self._control = self._connect(self._address)  # keeps the engine open and kills queries
        self._control_lock = threading.Lock()
        version, self.time_zone = json.loads(self._ask("SELECT version(), timezone()"))
        major, minor, patch = map(int, version.split(".")[:3])
        self.version = (major, minor, patch)

    def connect(self, mark: str) -> Connection:
        """Open a connection whose queries can be told from others by *mark*."""
        return Connection(lambda: self._connect(self._address), mark, self.kill)

    def kill(self, mark: str) -> None:
        """Stop the running query of a connection, if there is one."""
        self._ask(f"KILL QUERY WHERE Settings['log_comment'] = '{mark}' ASYNC")

    def give_memory_back(self) -> None:
        """Return what the allocator keeps for later to the system."""
        self._ask("SYSTEM JEMALLOC PURGE")

    def close(self) -> None:
        with self._control_lock:
            self._control.close()

    def _ask(self, sql: str) -> bytes:
        with self._control_lock:
            return bytes(self._control.query(sql, "JSONCompactEachRow").bytes())


class Connection:
    """One client's connection to the engine: database, session settings and temporary tables are its own."""

    def __init__(self, connect: Callable[[], Any], mark: str, kill: Callable[[str], None]) -> None:
        self._connect = connect
        self._kill = lambda: kill(mark)
        self.mark = mark
        self._open()

    def _open(self) -> None:
        self._connection = self._connect()
        self.settings = QuerySettings(self.rows)
        self.run(SESSION_SETTINGS)
        self._put_mark()

    def _put_mark(self) -> None:
        """Mark what runs here: queries get their id from the engine, so `kill` finds them by this."""
        self.run(f"SET log_comment = '{self.mark}'")

    def put_settings(self, settings: list[Setting]) -> None:
        """Make these the settings of the next query."""
        if self.settings.is_stuck:
            database = self.rows("SELECT currentDatabase()")[0][0]
            self.close()
            self._open()
            self.use(database)
        self.settings.put(settings)

    def choose(self, statement: str) -> None:
        """Run a SET of the session itself: it stays until the connection closes."""
        self.settings.take_back_all()
        self.run(statement)
        self._put_mark()
        self.settings.remember_session()

    def use(self, database: str) -> None:
        self.run(f"USE {identifier(database)}")

    def run(self, sql: str, parameters: dict[str, str] | None = None, output: str = "Native") -> bytes:
        """Run a statement to its end and return the whole result."""
        with errors.from_engine():
            return bytes(self._connection.query(sql, output, params=parameters or {}).bytes())

    def rows(self, sql: str, parameters: dict[str, str] | None = None, *, heads: str = "") -> list[list[Any]]:
        """Run a statement and return its result as values; *heads* adds lines that name the columns.

        Text that is not UTF-8 comes as surrogates, which `wire.string` turns back into its bytes.
        """
        content = self.run(sql, parameters, f"JSONCompactEachRow{heads}").decode(errors="surrogateescape")
        return [json.loads(line) for line in content.split("\n") if line]

    def stream(self, sql: str, parameters: dict[str, str]) -> Iterator[Chunk]:
        """Run a SELECT and yield its result as it comes. Closing the iterator stops the query."""
        connection = self._connection
        with errors.from_engine():
            stream = connection.send_query(sql, "Native", params=parameters)
        is_finished = False
        try:
            while chunk := self._fetch(stream):
                yield chunk
            is_finished = True
        except errors.ServerError:
            is_finished = True
            raise
        finally:
            if not is_finished:
                connection.streaming_cancel_query(stream)

    def _fetch(self, stream: Any) -> Chunk | None:
        with errors.from_engine():
            chunk = self._connection.streaming_fetch_result(stream)
        return Chunk(chunk.rows_read(), chunk.bytes()) if chunk.rows_read() else None

    def insert(self, statement: str, columns: list[tuple[str, str]]) -> InsertStream:
        """Begin an INSERT whose blocks have these columns."""
        return InsertStream(statement, columns, self._run_counted, self._kill)

    def _run_counted(self, sql: str) -> int:
        with errors.from_engine():
            return int(self._connection.query(sql, "Native").rows_written())

    def statements_in(self, text: str) -> int:
        with errors.from_engine():
            return int(self._connection.classify_query(text)["statement_count"])

    def close(self) -> None:
        self._connection.close()


def _load() -> Any:
    """Import the engine without pyarrow, which it would load for results that we never ask for (45 MB)."""
    absent = "pyarrow" not in sys.modules
    if absent:
        sys.modules["pyarrow"] = None  # type: ignore[assignment]
    try:
        from chdb import _chdb
    finally:
        if absent:
            del sys.modules["pyarrow"]
    return _chdb
