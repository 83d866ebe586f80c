"""INSERT with rows from the client: a header out, blocks in, one commit."""

from __future__ import annotations

from . import blocks, packets
from .engine import Connection
from .errors import ClientGone, ServerError
from .insert_stream import InsertStream
from .line import Line
from .statements import Insert
from .type_names import split_arguments
from .watcher import Watched

NOT_STORED = frozenset({"MATERIALIZED", "ALIAS", "EPHEMERAL"})
NO_SUCH_COLUMN = (16, "NO_SUCH_COLUMN_IN_TABLE")


def take(line: Line, database: Connection, insert: Insert, watched: Watched) -> None:
    """Feed the client's blocks to the engine as they come, then commit."""
    columns = _columns(database, insert)
    stream = database.insert(insert.statement, columns)
    try:
        line.send_block([blocks.header(columns, line.revision)])
        watched.takes_progress = True  # not before: clients accept nothing else in front of the header
        _feed(line, stream)
        rows = stream.finish()
    except (ServerError, ClientGone, OSError):
        stream.cancel()
        raise
    line.send(packets.progress(0, 0, 0, rows))


def _feed(line: Line, stream: InsertStream) -> None:
    """Pass blocks on up to the empty one; stop after the block that the engine refuses."""
    feed = _Feed(stream)
    while True:
        _, shape = line.read_data(feed)
        if feed.refusal is not None:
            raise feed.refusal
        if line.revision >= packets.WITH_EVENTS_IN_INSERT:
            line.send(packets.PROFILE_EVENTS_HEAD, blocks.EMPTY)
        if not shape.columns:
            return


class _Feed:
    """Takes the pieces of a block. A refusal is kept until the block has been read to its end."""

    def __init__(self, stream: InsertStream) -> None:
        self._stream = stream
        self.refusal: ServerError | None = None

    def __call__(self, piece: memoryview) -> None:
        if self.refusal is None:
            try:
                self._stream.append(piece)
            except ServerError as error:
                self.refusal = error


def _columns(database: Connection, insert: Insert) -> list[tuple[str, str]]:
    """Return names and types of the columns that the client is to send, in its order."""
    source = (
        insert.target
        if not insert.columns or "*" not in insert.columns
        else f"(SELECT {insert.columns} FROM {insert.target})"
    )
    described = database.rows(f"DESCRIBE TABLE {source}")
    if not insert.columns or "*" in insert.columns:
        return [(name, _as_sent(kind)) for name, kind, default, *_ in described if default not in NOT_STORED]
    kinds = {name: _as_sent(kind) for name, kind, *_ in described}
    return [(name, _kind(kinds, name)) for name in names(insert.columns)]


def _as_sent(kind: str) -> str:
    """JSON is sent as its text, which the engine parses: its own form on the wire cannot be walked."""
    return "String" if kind == "JSON" or kind.startswith("JSON(") else kind


def _kind(kinds: dict[str, str], name: str) -> str:
    if name not in kinds:
        raise ServerError(NO_SUCH_COLUMN, f"No such column {name} in table")
    return kinds[name]


def names(columns: str) -> list[str]:
    """Split a list of column names, which may be quoted."""
    return [_unquoted(name) for name in split_arguments(columns)]


def _unquoted(name: str) -> str:
    return ".".join(part.strip().strip('`"') for part in name.split("."))
