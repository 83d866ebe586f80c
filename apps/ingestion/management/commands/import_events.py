"""Events from a file: CSV, JSON Lines or Parquet."""

import argparse
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.ingestion import services, wiring
from apps.ingestion.adapters.file_mappings import built_in
from apps.ingestion.adapters.import_reports import ImportReport
from apps.ingestion.adapters.row_files import FORMATS, UnreadableFile, read_rows
from apps.ingestion.adapters.text_rows import NumberedRow
from apps.ingestion.domain.mapping import FileMapping
from apps.ingestion.domain.ports import EventLog, LogUnavailable
from apps.ingestion.domain.spelling import EXCEL
from apps.ingestion.domain.unread import UnreadColumns
from apps.ingestion.services import Progress, Rejected, Sender
from apps.orgs import api as orgs
from apps.shared import regions

_MOST_WAITING = 400  # deliveries on the log: more would fill its memory while the writer catches up
_REMEMBERED = 30 * 24 * 3600


class Command(BaseCommand):
    """Import a file into a property. Safe to repeat: what was stored before is recognised by its id."""

    help = "Import events from a CSV, JSON Lines or Parquet file. A broken-off import goes on where it was."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Say what to read, where it belongs, and how its columns are to be understood."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--property", required=True, help="organization/property, as in the address of its pages")
        parser.add_argument("--stream", help="name of the stream that the events came from; default: the first one")
        parser.add_argument("--map", nargs="+", default=[], metavar="FIELD=COLUMN", help="userId=customer timestamp=at")
        parser.add_argument("--mapping", help=f"a YAML file, or one of: {', '.join(built_in())}")
        parser.add_argument("--time-zone", help="of times without an offset, such as Europe/Berlin; default: UTC")
        parser.add_argument(
            "--time-format", default="", help=f"of times: such as %%d.%%m.%%Y, or {EXCEL}; default: ISO 8601"
        )
        parser.add_argument("--decimal-comma", action="store_true", help="amounts are written as in 1.234,56")
        parser.add_argument("--encoding", default="", help="of text, such as cp1252; default: by the file, else UTF-8")
        parser.add_argument("--format", choices=FORMATS, help="default: by the file's content and name")
        parser.add_argument("--again", action="store_true", help="begin with the first row in any case")
        parser.add_argument("--no-wait", action="store_true", help="leave when the log has everything")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import, wait until everything is stored, and say what was not understood."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        info = _property(options["property"])
        try:
            how, mapping, spelling = services.file_reading(
                path, _said(options), days=info.time_zone, form=options["format"] or ""
            )
        except services.CANNOT_BE_READ as error:
            raise CommandError(str(error)) from None
        sender = _sender(info, options["stream"])
        place = _place(path, sender, mapping, spelling, how.encoding)
        before = {} if options["again"] else cache.get(place, {})
        if before:
            self.stdout.write(f"Going on after row {before['rows']}.")
        log = _log_of(info)
        report = ImportReport(Path.cwd() / f"{path.name}.rejected.csv", Rejected._fields, before=before)
        rows = self._noting_columns(read_rows(path, how), mapping)
        parts = services.import_rows(
            rows, mapping=mapping, sender=sender, log=log, already=report.rows, spelling=spelling, clock=_now
        )
        try:
            self._import(parts, report, log, place)
            if not options["no_wait"]:
                self._wait(log)
        except LogUnavailable as error:
            raise CommandError(f"The event log does not answer ({error}). Run the same command again later.") from None
        except UnreadableFile as error:
            raise CommandError(str(error)) from None
        cache.delete(place)
        self._tell(report)

    def _tell(self, report: ImportReport) -> None:
        for line in report.lines():
            self.stdout.write(line)
        if not report.rows:
            self.stdout.write("The file has no rows.")
        refused = report.reasons.total()
        self.stdout.write(f"{report.rows} rows read, {report.events} events on the log, {refused} not understood.")

    def _import(self, parts: Iterator[Progress], report: ImportReport, log: EventLog, place: str) -> None:
        with tqdm(unit=" rows", initial=report.rows, desc="reading", mininterval=0.5) as bar:
            for part in parts:
                bar.update(part.rows - report.rows)
                report.rows, report.events = part.rows, report.events + part.events
                report.add(part.rejected, part.kinds, part.skipped)
                cache.set(place, report.state(), _REMEMBERED)
                while log.lag() > _MOST_WAITING:
                    time.sleep(0.05)

    def _noting_columns(self, rows: Iterator[NumberedRow], mapping: FileMapping) -> Iterator[NumberedRow]:
        """Pass *rows* on, and say which of their columns nobody reads, once each."""
        unread = UnreadColumns(mapping)
        for one in rows:
            if new := unread.add(one.row):
                self.stdout.write(f"Columns that the mapping does not read: {', '.join(new)}")
            yield one

    def _wait(self, log: EventLog) -> None:
        """Wait until the writer has stored what waits; without a writer, say so instead of waiting for ever."""
        left = start = log.lag()
        moved_at = time.monotonic()
        with tqdm(total=start, unit=" blocks", desc="storing", mininterval=0.5) as bar:
            while left:
                time.sleep(0.05)
                now = log.lag()
                if now != left:
                    moved_at = time.monotonic()
                bar.update(max(left - now, 0))
                left = now
                if time.monotonic() - moved_at > 30:
                    self.stderr.write("Nothing is being stored: is the writer running? The events are safe on the log.")
                    return


def _log_of(info: orgs.PropertyInfo) -> EventLog:
    """Return the log of the property's own region. Raises CommandError where this process does not serve it."""
    try:
        return wiring.event_log(regions.of_property(info.id))
    except (regions.WrongRegion, regions.NoRegion) as error:
        raise CommandError(f"{error} Run the import where the region is served.") from None


def _now() -> int:
    return time.time_ns() // 1_000_000


def _said(options: dict[str, Any]) -> services.HowToRead:
    """Return what the options say about the file. Raises BadMapping and OSError."""
    named = options["mapping"] or ""
    if named and options["map"]:
        raise CommandError("Say either --map or --mapping.")
    is_own = named and named not in built_in()
    try:
        own = Path(named).read_text(encoding="utf-8") if is_own else "\n".join(options["map"])
    except OSError as error:
        raise CommandError(str(error)) from None
    return services.HowToRead(
        "" if is_own else named,
        own,
        options["encoding"],
        options["time_format"],
        options["time_zone"] or "",
        options["decimal_comma"],
    )


def _property(address: str) -> orgs.PropertyInfo:
    organization, _, slug = address.partition("/")
    try:
        return orgs.property_by_slugs(organization=organization, slug=slug)
    except ObjectDoesNotExist:
        raise CommandError(f"There is no property {address}: write organization/property.") from None


def _sender(info: orgs.PropertyInfo, stream_name: str | None) -> Sender:
    streams = list(orgs.streams_of(info.id))
    chosen = [stream for stream in streams if stream_name in (None, stream.name)]
    if not chosen:
        raise CommandError(f"{info.slug} has no stream {stream_name!r}, only: {', '.join(s.name for s in streams)}.")
    return wiring.importer(info, chosen[0].pk)


def _place(path: Path, sender: Sender, mapping: FileMapping, *how: object) -> str:
    """Return where the progress of this very import is kept: another file, property or mapping is another import."""
    state = path.stat()
    known = (str(path.resolve()), state.st_size, state.st_mtime_ns, sender.surroundings.property_id, mapping, *how)
    return "import:" + hashlib.sha256(repr(known).encode()).hexdigest()[:32]
