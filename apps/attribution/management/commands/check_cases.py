"""Run attribution cases against the settings of a property."""

import time
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import BaseCommand, CommandError

from apps.attribution import queries
from apps.attribution.domain.cases import BadCases, Case, Difference, read_cases, run_case
from apps.orgs import api as orgs

LARGEST_FILE = 2_000_000  # bytes; a case takes about 300
_SUFFIXES = {".yaml", ".yml"}
_CANNOT_RUN, _DIFFERENT = 2, 1


class Command(BaseCommand):
    """Say for each case whether the settings give what it expects. Reads settings, and neither events nor journeys."""

    help = (
        "Run attribution cases (YAML files, see docs/cases.md) against the settings of a property. "
        "Ends with 0 when all agree, 1 when one differs, 2 when a file cannot be read."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a folder or a file, and the property."""
        parser.add_argument("folder", type=Path, metavar="DIR", help="a folder of .yaml files, or one file")
        parser.add_argument("--property", required=True, metavar="ORGANIZATION/PROPERTY")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run every case; with -v 2 the ones that agree are named, too."""
        info = _property(options["property"])
        settings, goals = queries.case_settings(info)
        self.stdout.write(
            f"{info.organization_slug}/{info.slug}: settings version {info.rules.version}, goals "
            f"{', '.join(goals) or 'none'}, method {settings.method.name}, "
            f"clicks {_hours(settings.lookbacks.click)}, views {_hours(settings.lookbacks.view)}"
        )
        started = time.perf_counter()
        cases = [case for path in _files(options["folder"]) for case in _read(path, options["folder"], settings, goals)]
        differing = [case for case in cases if self._tell(case, run_case(case), options["verbosity"])]
        seconds = time.perf_counter() - started
        summary = f"{len(cases)} cases in {seconds:.2f} s: {len(cases) - len(differing)} agree, {len(differing)} differ"
        if differing:
            raise CommandError(summary, returncode=_DIFFERENT)
        self.stdout.write(self.style.SUCCESS(summary))

    def _tell(self, case: Case, differences: list[Difference], verbosity: int) -> bool:
        """Print a case and tell whether it differs."""
        if not differences:
            if verbosity > 1:
                self.stdout.write(f"  ok    {case.file}:{case.line}  {case.name}")
            return False
        self.stdout.write(self.style.ERROR(f"  DIFF  {case.file}:{case.line}  {case.name}"))
        width = max(len(one.place) for one in differences)
        for one in differences:
            self.stdout.write(f"          {one.place:<{width}}  - {one.expected}")
            self.stdout.write(f"          {'':<{width}}  + {one.found}")
        return True


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):g} h"


def _property(address: str) -> orgs.PropertyInfo:
    organization, _, slug = address.partition("/")
    try:
        return orgs.property_by_slugs(organization=organization, slug=slug)
    except ObjectDoesNotExist:
        raise CommandError(
            f"There is no property {address}: write organization/property.", returncode=_CANNOT_RUN
        ) from None


def _files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise CommandError(f"There is no folder {folder}.", returncode=_CANNOT_RUN)
    files = sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file())
    if not files:
        raise CommandError(f"There is no .yaml file in {folder}.", returncode=_CANNOT_RUN)
    return files


def _read(path: Path, folder: Path, settings: Any, goals: Any) -> list[Case]:
    name = str(path.relative_to(folder)) if folder.is_dir() else path.name
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadCases(f"{name}: larger than {LARGEST_FILE:,} bytes; split it.")
        text = path.read_text(encoding="utf-8")
        return read_cases(text, name, settings=settings, goals=goals)
    except (OSError, UnicodeError) as error:
        raise CommandError(f"{name}: cannot be read: {error}", returncode=_CANNOT_RUN) from error
    except BadCases as error:
        raise CommandError(str(error), returncode=_CANNOT_RUN) from error
