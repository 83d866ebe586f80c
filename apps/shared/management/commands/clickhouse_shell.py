"""A prompt on the ClickHouse that CLICKHOUSE_URL names, or on that of a region."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from clickhouse_driver import Client
from clickhouse_driver.errors import Error
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.shared import regions
from apps.shared.management.regions import region_of

HISTORY = Path.home() / ".tributary_clickhouse_history"
MAX_ROWS = 1000
MAX_WIDTH = 60
LEAVING = frozenset({"exit", "quit", "\\q"})
HELP = "End a statement with ; and Enter. exit or Ctrl-D leaves, Ctrl-C drops what is written or stops a query."


class Command(BaseCommand):
    help = "Open a prompt on ClickHouse, or run the statement given as an argument or on standard input."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("statement", nargs="?", help="run this one and leave; without it, read standard input")
        parser.add_argument("--region", help="whose ClickHouse; default: the region of this process")
        parser.add_argument("--tsv", action="store_true", help="print tab-separated values instead of a table")

    def handle(self, *_args: Any, statement: str | None = None, tsv: bool = False, **options: Any) -> None:
        database = settings.DATABASES[regions.stores(region_of(options["region"])).database]
        client = _connect(database)
        show = show_tsv if tsv else show_table
        try:
            if statement is None and sys.stdin.isatty():
                self._converse(client, database, show)
            else:
                self._run_all(client, statement if statement is not None else sys.stdin.read(), show)
        finally:
            client.disconnect()

    def _run_all(self, client: Client, text: str, show: Callable[..., Iterator[str]]) -> None:
        for statement in split_statements(text):
            try:
                self._run(client, statement, show)
            except (Error, EOFError, OSError) as error:
                raise CommandError(_reason(error)) from None

    def _converse(self, client: Client, database: dict[str, Any], show: Callable[..., Iterator[str]]) -> None:
        self.stdout.write(f"ClickHouse at {database['HOST']}:{database['PORT'] or 9000}. {HELP}")
        for statement in _read_statements(str(database["NAME"] or "default")):
            started = time.monotonic()
            try:
                rows = self._run(client, statement, show)
            except KeyboardInterrupt:
                client.disconnect()
                self.stderr.write("Stopped.")
            except (Error, EOFError, OSError) as error:
                self.stderr.write(_reason(error))
            else:
                self.stdout.write(f"{rows} {'row' if rows == 1 else 'rows'} in {time.monotonic() - started:.3f} s")

    def _run(self, client: Client, statement: str, show: Callable[..., Iterator[str]]) -> int:
        result = client.execute_iter(statement, with_column_types=True)
        columns = next(result, None)
        rows: list[tuple[Any, ...]] = []
        for row in result:
            rows.append(row)
            if len(rows) > MAX_ROWS and show is show_table:
                client.disconnect()
                self.stderr.write(f"Only the first {MAX_ROWS} rows are shown; --tsv prints all.")
                rows.pop()
                break
        if columns:
            for line in show([name for name, _ in columns], rows):
                self.stdout.write(line)
        return len(rows)


def split_statements(text: str) -> list[str]:
    """Split at semicolons that end a line; one inside a text almost never does."""
    statements, current = [], ""
    for line in text.splitlines():
        current += line + "\n"
        if line.rstrip().endswith(";"):
            statements.append(current.strip().rstrip(";"))
            current = ""
    statements.append(current.strip())
    return [statement for statement in statements if statement]


def show_table(names: list[str], rows: list[tuple[Any, ...]]) -> Iterator[str]:
    """Yield the lines of a table for people; long values are cut."""
    cells = [names, *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(names))]
    for number, row in enumerate(cells):
        yield "  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip()
        if number == 0:
            yield "  ".join("-" * width for width in widths)


def show_tsv(names: list[str], rows: list[tuple[Any, ...]]) -> Iterator[str]:
    """Yield lines for programs."""
    for row in [names, *rows]:
        yield "\t".join(_plain(value) for value in row)


def _plain(value: object) -> str:
    text = "\\N" if value is None else str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n") if value is not None else text


def _cell(value: object) -> str:
    text = "NULL" if value is None else str(value).replace("\n", "\\n")
    return text if len(text) <= MAX_WIDTH else text[: MAX_WIDTH - 1] + "…"


def _reason(error: Exception) -> str:
    """Return the server's message without the empty stack trace that the driver adds."""
    return str(error).partition("Stack trace:")[0].strip()


def _connect(database: dict[str, Any]) -> Client:
    return Client(
        host=database["HOST"],
        port=database["PORT"] or 9000,
        user=database["USER"] or "default",
        password=database["PASSWORD"],
        database=database["NAME"] or "default",
    )


def _read_statements(database: str) -> Iterator[str]:
    """Ask for statements until the person leaves."""
    try:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.history import FileHistory
    except ImportError:  # it belongs to the requirements of one machine; a bare prompt does elsewhere
        ask: Callable[[str], str] = input
    else:
        ask = PromptSession(history=FileHistory(str(HISTORY))).prompt
    lines: list[str] = []
    while True:
        try:
            line = ask(" " * len(database) + "| " if lines else f"{database}> ")
        except KeyboardInterrupt:
            lines = []
            continue
        except EOFError:
            return
        if not lines and line.strip().lower() in LEAVING:
            return
        lines.append(line)
        if line.rstrip().endswith(";"):
            yield "\n".join(lines).rstrip().rstrip(";")
            lines = []
