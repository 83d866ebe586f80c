"""Tables that a client sends along with a query: temporary ones, for that query only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from .engine import Connection
from .errors import BAD_ARGUMENTS, ServerError
from .line import Line
from .names import identifier

MAX_BYTES = 1 << 28


@dataclass(frozen=True, slots=True)
class ExternalTable:
    name: str
    columns: tuple[tuple[str, str], ...]
    content: bytes
    is_too_large: bool

    def create(self, database: Connection) -> None:
        """Make the table and fill it."""
        if self.is_too_large:
            raise ServerError(BAD_ARGUMENTS, f"External table {self.name} is larger than {MAX_BYTES >> 20} MiB")
        columns = ", ".join(f"{identifier(name)} {kind}" for name, kind in self.columns)
        database.run(f"CREATE TEMPORARY TABLE {identifier(self.name)} ({columns}) ENGINE = Memory")
        stream = database.insert(f"INSERT INTO {identifier(self.name)}", list(self.columns))
        stream.append(memoryview(self.content))
        stream.finish()

    def drop(self, database: Connection) -> None:
        database.run(f"DROP TEMPORARY TABLE IF EXISTS {identifier(self.name)}")


def read_tables(line: Line) -> list[ExternalTable]:
    """Read what follows a query, up to the empty block that ends it."""
    tables: list[ExternalTable] = []
    while True:
        content = bytearray()
        too_large = False

        def keep(piece: memoryview, content: bytearray = content) -> None:
            nonlocal too_large
            too_large = too_large or len(content) + len(piece) > MAX_BYTES
            if not too_large:
                content += piece

        name, shape = line.read_data(keep)
        if not shape.columns and not name:
            return tables
        tables.append(ExternalTable(name, shape.columns, bytes(content), too_large))


@contextlib.contextmanager
def standing(database: Connection, tables: list[ExternalTable]) -> Iterator[None]:
    """Keep the tables for the time of one query."""
    made: list[ExternalTable] = []
    try:
        for table in tables:
            made.append(table)
            table.create(database)
        yield
    finally:
        for table in made:
            with contextlib.suppress(ServerError):  # the query's own failure is what the client must hear
                table.drop(database)
