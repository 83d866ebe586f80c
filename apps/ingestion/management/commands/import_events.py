"""Events from a file: CSV, JSON Lines or Parquet."""

import argparse
import csv
import hashlib
import time
from pathlib import Path
from typing import Any

import yaml
from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.ingestion import services, wiring
from apps.ingestion.adapters.row_files import UnknownFormat, format_of, read_rows
from apps.ingestion.domain.mapping import BadMapping, Template, parse_mapping, parse_pairs
from apps.ingestion.domain.ports import EventLog, LogUnavailable
from apps.ingestion.services import Rejected, Sender
from apps.orgs import api as orgs

MAPPINGS = Path(__file__).resolve().parents[2] / "mappings"
_MOST_WAITING = 400  # deliveries on the log: more would fill its memory while the writer catches up
_REMEMBERED = 30 * 24 * 3600


class Command(BaseCommand):
    """Import a file into a property. Safe to repeat: what was stored before is recognised by its id."""

    help = "Import events from a CSV, JSON Lines or Parquet file. A broken-off import goes on where it was."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Say what to read, where it belongs, and how its columns are to be understood."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--property", required=True, help="organization/property, as in the address of its pages")
        parser.add_argument("--stream", help="name of the stream that the events came from; default: the first one")
        parser.add_argument("--map", nargs="+", default=[], metavar="FIELD=COLUMN", help="userId=customer timestamp=at")
        parser.add_argument("--mapping", help=f"a YAML file, or one of: {', '.join(_built_in())}")
        parser.add_argument("--format", choices=["csv", "tsv", "jsonl", "parquet"], help="default: by the file's name")
        parser.add_argument("--again", action="store_true", help="begin with the first row in any case")
        parser.add_argument("--no-wait", action="store_true", help="leave when the log has everything")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import, wait until everything is stored, and say what was not understood."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        try:
            form = options["format"] or format_of(path)
            templates = _templates(options, form)
        except (UnknownFormat, BadMapping, OSError, yaml.YAMLError) as error:
            raise CommandError(str(error)) from None
        sender = _sender(options["property"], options["stream"])
        place = _place(path, sender, templates)
        already = 0 if options["again"] else int(cache.get(place, 0))
        if already:
            self.stdout.write(f"Going on after row {already}.")
        log = wiring.event_log()
        try:
            rows, events, rejected = self._import(path, form, templates, sender, log, place, already)
            if not options["no_wait"]:
                self._wait(log)
        except LogUnavailable as error:
            raise CommandError(f"The event log does not answer ({error}). Run the same command again later.") from None
        cache.delete(place)
        self.stdout.write(f"{rows} rows read, {events} events on the log, {len(rejected)} not understood.")
        if rejected:
            self.stdout.write(f"What was not understood: {_report(path, rejected)}")

    def _import(
        self,
        path: Path,
        form: str,
        templates: list[Template],
        sender: Sender,
        log: EventLog,
        place: str,
        already: int,
    ) -> tuple[int, int, list[Rejected]]:
        rows, events, rejected = already, 0, []
        with tqdm(unit=" rows", initial=already, desc="reading", mininterval=0.5) as bar:
            for part in services.import_rows(
                read_rows(path, form), templates=templates, sender=sender, log=log, already=already, clock=_now
            ):
                bar.update(part.rows - rows)
                rows, events = part.rows, events + part.events
                rejected += part.rejected
                cache.set(place, rows, _REMEMBERED)
                while log.lag() > _MOST_WAITING:
                    time.sleep(0.05)
        return rows, events, rejected

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


def _now() -> int:
    return time.time_ns() // 1_000_000


def _built_in() -> list[str]:
    return sorted(path.stem for path in MAPPINGS.glob("*.yaml"))


def _templates(options: dict[str, Any], form: str) -> list[Template]:
    if options["mapping"] and options["map"]:
        raise BadMapping("Say either --map or --mapping.")
    if options["map"]:
        return parse_pairs(options["map"])
    if options["mapping"]:
        name = options["mapping"]
        path = MAPPINGS / f"{name}.yaml" if name in _built_in() else Path(name)
        return parse_mapping(yaml.safe_load(path.read_text(encoding="utf-8")))
    if form == "jsonl":  # lines of Segment's own shape need no mapping
        return []
    raise BadMapping("Say with --map or --mapping which column is which field.")


def _sender(address: str, stream_name: str | None) -> Sender:
    organization, _, slug = address.partition("/")
    try:
        info = orgs.property_by_slugs(organization=organization, slug=slug)
    except ObjectDoesNotExist:
        raise CommandError(f"There is no property {address}: write organization/property.") from None
    streams = list(orgs.streams_of(info.id))
    chosen = [stream for stream in streams if stream_name in (None, stream.name)]
    if not chosen:
        raise CommandError(f"{address} has no stream {stream_name!r}, only: {', '.join(s.name for s in streams)}.")
    rules = wiring.consent_rules_of()(info.id)
    return Sender(wiring.surroundings(info, chosen[0].pk, "server", consent=rules), _now())


def _place(path: Path, sender: Sender, templates: list[Template]) -> str:
    """Return where the progress of this very import is kept: another file, property or mapping is another import."""
    state = path.stat()
    known = (str(path.resolve()), state.st_size, state.st_mtime_ns, sender.surroundings.property_id, templates)
    return "import:" + hashlib.sha256(repr(known).encode()).hexdigest()[:32]


def _report(path: Path, rejected: list[Rejected]) -> Path:
    target = Path.cwd() / f"{path.name}.rejected.csv"
    with target.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(Rejected._fields)
        writer.writerows(rejected)
    return target
