"""Files that people upload: looked at first, then imported by a task, with a report of what was not understood."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from apps.ingestion.adapters.file_mappings import built_in, mapping_of_file, mapping_of_text
from apps.ingestion.adapters.import_reports import ImportReport
from apps.ingestion.adapters.row_files import RowFile, UnreadableFile, format_of, read_rows
from apps.ingestion.adapters.text_rows import NumberedRow
from apps.ingestion.domain.mapping import BadMapping, FileMapping, snake
from apps.ingestion.domain.ports import EventLog, LogUnavailable
from apps.ingestion.domain.spelling import EXCEL, Spelling, check_form, text_encoding
from apps.ingestion.domain.unread import UnreadColumns
from apps.ingestion.models import FileImport, ImportWork
from apps.ingestion.services.accepting import Sender
from apps.ingestion.services.importing import Progress, Rejected, decimal_in, import_rows, judge_rows

CANNOT_BE_READ = (UnreadableFile, BadMapping, ValueError, OSError)
# What stood in a row is in the file of whoever imports it: a report that is kept here holds nothing of persons.
REPORTED = Rejected._fields[:-1]
_SHOWN = 20
_LONGEST_NAME = 60  # letters; a folder takes 255 bytes
_SAVED_EVERY = timedelta(seconds=1)
# Bytes: of the text in which a look seeks its rows, three times what so many rows can be; and of a report.
_LOOKED_AT, _LONGEST_REPORT = 64_000_000, 4_000_000
LOST_AFTER = timedelta(minutes=5)
Status = FileImport.Status


class ImportOver(Exception):
    """The import has ended, or was never begun: it is left alone."""


class ReadOtherwise(Exception):
    """Somebody changed how the file is read since it was looked at."""


class HowToRead(NamedTuple):
    """What a person says about a file."""

    mapping: str = ""
    own_mapping: str = ""
    encoding: str = ""
    time_form: str = ""
    time_zone: str = ""
    has_decimal_comma: bool = False


class FileReading(NamedTuple):
    """How a file is read: its rows, what becomes of them, and how it writes times and amounts."""

    how: RowFile
    mapping: FileMapping
    spelling: Spelling


class Look(NamedTuple):
    """What the first rows of a file become."""

    form: str
    unread: list[str]
    events: list[dict[str, Any]]
    rejected: list[Rejected]


def file_reading(path: Path, said: HowToRead, *, days: str, form: str = "") -> FileReading:
    """Return how *path* is read; days of ad spend are in the zone *days*. Raises one of CANNOT_BE_READ."""
    form = form or format_of(path)
    mapping = _mapping(said, form)
    try:
        encoding = text_encoding(said.encoding) if said.encoding else ""
        times = ZoneInfo(said.time_zone) if said.time_zone else None
    except (LookupError, ZoneInfoNotFoundError):
        raise ValueError(f"There is no encoding {said.encoding!r}, or no time zone {said.time_zone!r}.") from None
    check_form(said.time_form or EXCEL)
    rename = snake if mapping.names == "snake" else str
    spelling = Spelling(times, ZoneInfo(days), said.time_form, said.has_decimal_comma)
    how = RowFile(form, encoding, rename, mapping.columns())
    if any(template.get("type") == "spend" for template in mapping.templates):  # small files: they are read twice
        rows = read_rows(path, how._replace(most=_LOOKED_AT))
        spelling = spelling._replace(decimal=decimal_in(rows, mapping, spelling))
    return FileReading(how, mapping, spelling)


def look_at_file(run: FileImport, *, sender: Sender, days: str) -> Look:
    """Return what the first rows become; nothing is stored. Raises one of CANNOT_BE_READ."""
    with _on_disk(run) as path:
        reading = file_reading(path, HowToRead(**run.said), days=days)
        rows = list(islice(read_rows(path, reading.how._replace(most=_LOOKED_AT)), _SHOWN))
        events, rejected = judge_rows(rows, mapping=reading.mapping, sender=sender, spelling=reading.spelling)
    seen = {name for one in rows if one.row for name in one.row} if reading.mapping.templates else set()
    return Look(reading.how.form, sorted(seen - reading.mapping.columns()), events[:_SHOWN], rejected)


def read_otherwise(*, property_id: int, run_id: int, stream_id: int, said: HowToRead) -> FileImport:
    """Change how a file of which nothing was imported is read, and for which stream. Raises ImportOver.

    A try to send the file again with the words of before is another upload from then on, unless it has a key.
    """
    with transaction.atomic():
        run = FileImport.objects.select_for_update().filter(property_id=property_id, pk=run_id).first()
        if run is None or not is_unread(run):
            raise ImportOver(run_id)
        run.stream_id, run.said, run.status = stream_id, said._asdict(), Status.LOOKED_AT
        if run.upload_key == run.fingerprint:
            run.upload_key = run.fingerprint = ""
        run.save(update_fields=["stream", "said", "status", "upload_key", "fingerprint"])
        ImportWork.objects.filter(run=run).update(problem="", unread=[])
    return run


def is_unread(run: FileImport) -> bool:
    """Tell whether nothing of a file is on the log: it was not begun, or could not be read from its first row on."""
    return run.status == Status.LOOKED_AT or (run.status == Status.FAILED and not run.work.state.get("rows"))


def reading_of(run: FileImport) -> str:
    """Return a mark of how the file is read: whoever looked at what it becomes begins that, and nothing else."""
    said = repr((run.stream_id, sorted(run.said.items())))
    return hashlib.blake2b(said.encode(errors="replace"), digest_size=8).hexdigest()


def begin_import(*, property_id: int, run_id: int, now: datetime, reading: str = "") -> FileImport:
    """Let the import begin; a task does it. Raises ImportOver where it was begun or discarded before.

    *reading* is the mark of what was looked at, if somebody did: raises ReadOtherwise where it is another by now.
    """
    with transaction.atomic():
        run = FileImport.objects.select_for_update().filter(property_id=property_id, pk=run_id).first()
        if run is None or run.status not in (Status.LOOKED_AT, Status.FAILED) or not _has_content(run):
            raise ImportOver(run_id)
        if reading and reading != reading_of(run):
            raise ReadOtherwise(run_id)
        run.status = Status.WAITING
        run.save(update_fields=["status"])
        ImportWork.objects.filter(run=run).update(seen_at=now)
    return run


def lost_imports(*, now: datetime) -> list[FileImport]:
    """Return the imports at which nobody has worked for too long: their worker is gone, another may go on."""
    active = FileImport.objects.filter(status__in=(Status.WAITING, Status.RUNNING))
    return list(active.filter(work__seen_at__lt=now - LOST_AFTER))


def discard_import(*, property_id: int, run_id: int) -> None:
    """Forget a file that was not imported. Raises ImportOver."""
    with transaction.atomic():  # locked in the order in which it is begun, else the two wait for each other for ever
        run = FileImport.objects.select_for_update().filter(property_id=property_id, pk=run_id).first()
        if run is None or run.status not in (Status.LOOKED_AT, Status.FAILED):
            raise ImportOver(run_id)
        run.delete()


def run_import(
    *,
    property_id: int,
    run_id: int,
    sender_of: Callable[[int], Sender],
    log: EventLog,
    days: str,
    clock: Callable[[], datetime],
    pause: Callable[[], None],
) -> FileImport:
    """Import a file from where a worker before left it. Safe to repeat. Raises ImportOver and LogUnavailable."""
    with transaction.atomic():
        run = FileImport.objects.select_for_update().filter(property_id=property_id, pk=run_id).first()
        if run is None or run.status not in (Status.WAITING, Status.RUNNING):
            raise ImportOver(run_id)
        run.status = Status.RUNNING
        run.save(update_fields=["status"])
    work = run.work
    work.save(update_fields=["seen_at"])
    try:
        _work(run, work, sender_of(run.stream_id), log, days, clock, pause)
        run.status, work.content, work.problem = Status.SUCCEEDED, b"", ""
    except LogUnavailable:  # stays as it is: the task comes again
        raise
    except CANNOT_BE_READ as error:
        run.status, work.problem = Status.FAILED, str(error)[:1000]
    except Exception as error:
        run.status, work.problem = Status.FAILED, f"{type(error).__name__}: {error}"[:1000]
        raise
    finally:
        run.ended_at = None if run.is_active() else clock()
        run.save(update_fields=["status", "ended_at"])
        work.save()
    return run


def _work(
    run: FileImport,
    work: ImportWork,
    sender: Sender,
    log: EventLog,
    days: str,
    clock: Callable[[], datetime],
    pause: Callable[[], None],
) -> None:
    with _on_disk(run) as path:
        reading = file_reading(path, HowToRead(**run.said), days=days)
        kept = path.parent.parent / "report.csv"  # whatever the file is named, it is not this one
        kept.write_text(work.report, encoding="utf-8", newline="")
        report = ImportReport(kept, REPORTED, before=work.state, most=_LONGEST_REPORT)
        parts = import_rows(
            _noting(read_rows(path, reading.how), reading.mapping, work),
            mapping=reading.mapping,
            sender=sender,
            log=log,
            already=report.rows,
            spelling=reading.spelling,
            clock=lambda: int(clock().timestamp() * 1000),
        )
        saved_at = clock()
        try:
            for part in parts:
                _add(report, part)
                if clock() - saved_at > _SAVED_EVERY:
                    _save(work, report)
                    saved_at = clock()
                pause()
        finally:
            _save(work, report)


def _add(report: ImportReport, part: Progress) -> None:
    report.rows, report.events = part.rows, report.events + part.events
    report.add([one[: len(REPORTED)] for one in part.rejected], part.kinds, part.skipped)


def _save(work: ImportWork, report: ImportReport) -> None:
    work.state = report.state()
    work.report = report.path.read_text(encoding="utf-8") if report.path.exists() else ""
    work.save(update_fields=["state", "report", "unread", "seen_at"])


def _noting(rows: Iterator[NumberedRow], mapping: FileMapping, work: ImportWork) -> Iterator[NumberedRow]:
    """Pass *rows* on, and note which of their columns nobody reads."""
    unread = UnreadColumns(mapping, work.unread)
    for one in rows:
        if unread.add(one.row):
            work.unread = sorted(unread.names)
        yield one


def _mapping(said: HowToRead, form: str) -> FileMapping:
    if said.own_mapping:
        return mapping_of_text(said.own_mapping)
    if said.mapping in built_in():
        return mapping_of_file(said.mapping)
    if form == "jsonl":  # lines of Segment's own shape need no mapping
        return FileMapping()
    raise BadMapping("Say which column is which field.")


def _has_content(run: FileImport) -> bool:
    return ImportWork.objects.filter(run=run).exclude(content=b"").exists()


@contextmanager
def _on_disk(run: FileImport) -> Iterator[Path]:
    name = run.name[-_LONGEST_NAME:]
    with TemporaryDirectory(prefix="import-") as folder:
        path = Path(folder) / "file" / ("file" if name in (".", "..") else name)
        path.parent.mkdir()
        path.write_bytes(bytes(run.work.content))
        yield path


def rows_of_report(report: str, *, after: int = 0, limit: int = _SHOWN) -> list[dict[str, str]]:
    """Return *limit* rows of a report behind the first *after*."""
    return list(islice(csv.DictReader(io.StringIO(report)), after, after + limit))
