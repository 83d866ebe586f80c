"""One query: rows out, rows in, or neither."""

from __future__ import annotations

from collections.abc import Iterator

from . import blocks, external, inserts, packets, statements
from .engine import Chunk, Connection
from .errors import BAD_ARGUMENTS, SYNTAX_ERROR, ProtocolError, ServerError
from .line import Line
from .watcher import Watched


def answer(line: Line, database: Connection, query: packets.Query) -> None:
    """Run a query and send all that belongs to its answer."""
    tables = external.read_tables(line)
    with line.watcher.watching(line.socket, line.outbox, database.mark) as watched:
        try:
            database.put_settings(query.settings)
            with external.standing(database, tables):
                _run(line, database, query, watched)
        except ProtocolError:
            raise
        except ServerError as error:
            if not watched.is_cancelled_by_client:  # who cancels expects an end, not an error
                line.send(packets.exception(error))
                return
    line.send(packets.END_OF_STREAM)


def _run(line: Line, database: Connection, query: packets.Query, watched: Watched) -> None:
    text = statements.clean(query.text)
    if not text:
        raise ServerError(SYNTAX_ERROR, "Syntax error: the query is empty")
    _refuse_several(database, text)
    insert = statements.blocks_insert(text)
    if insert is not None:
        inserts.take(line, database, insert, watched)
        return
    watched.takes_progress = True
    if statements.is_streamed(text):
        _select(line, database, text, query.parameters)
    elif statements.first_word(text) == "SET":
        database.choose(text)
    else:
        _command(line, database, text, query.parameters)


def _refuse_several(database: Connection, text: str) -> None:
    if ";" in text and statements.first_word(text) != "INSERT" and database.statements_in(text) > 1:
        raise ServerError(SYNTAX_ERROR, "Syntax error (Multi-statements are not allowed)")


def _select(line: Line, database: Connection, text: str, parameters: dict[str, str]) -> None:
    try:
        rows = _send_chunks(line, database.stream(text, parameters))
    except ServerError as error:
        # WITH ... INSERT and the like: the engine alone knows that it cannot stream them, and has run nothing.
        if error.code != BAD_ARGUMENTS[0] or "Streaming query is not supported" not in error.text:
            raise
        _command(line, database, text, parameters)
        return
    if not rows:
        described = database.rows(f"DESCRIBE (\n{text}\n)", parameters)
        columns = [(name, kind) for name, kind, *_ in described]
        line.send_block([blocks.header(columns, line.revision)])


def _command(line: Line, database: Connection, text: str, parameters: dict[str, str]) -> None:
    result = database.run(text, parameters)
    if result:
        _send_chunks(line, iter([Chunk(0, result)]))
    elif statements.only_shows(text):
        names, types = database.rows(text, parameters, heads="WithNamesAndTypes")[:2]
        line.send_block([blocks.header(list(zip(names, types, strict=True)), line.revision)])


def _send_chunks(line: Line, chunks: Iterator[Chunk]) -> int:
    rows = count = size = 0
    for chunk in chunks:
        for block in blocks.outgoing(chunk.content, line.revision):
            if not count:
                line.send_block([blocks.header(block.columns, line.revision)])
            line.send_block(block.pieces)
            count += 1
        rows += chunk.rows
        size += len(chunk.content)
    if count:
        line.send(packets.profile(rows, count, size), packets.progress(rows, size, rows))
    return count
