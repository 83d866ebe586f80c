"""`manage.py compile_translations`: .po into .mo by Babel, so that no machine needs gettext's own tools."""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

_VARIABLE = re.compile(r"%\((\w+)\)")


class Command(BaseCommand):
    """Compile what changed; a message whose variables its translation lost stops the build."""

    help = "Compile the translations in LOCALE_PATHS"
    requires_system_checks = ()

    def handle(self, *_args: Any, **options: Any) -> None:
        """Compile each catalogue that is newer than its result."""
        for root in settings.LOCALE_PATHS:
            for source in sorted(Path(root).glob("*/LC_MESSAGES/*.po")):
                target = source.with_suffix(".mo")
                if target.exists() and target.stat().st_mtime > source.stat().st_mtime:
                    continue
                count = compile_catalogue(source, target)
                if options["verbosity"]:
                    self.stdout.write(f"{source.parent.parent.name}: {count} messages")


def compile_catalogue(source: Path, target: Path) -> int:
    """Write *target* from *source*, whole or not at all; return how many messages it has."""
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parent.parent.name)
    # A fuzzy message is gettext's guess and is left out of the result, so it may be wrong.
    messages = [message for message in catalogue if message.id and message.string and not message.fuzzy]
    broken = next((message for message in messages if not keeps_variables(message)), None)
    if broken is not None:
        raise CommandError(f"{source}: the translation of {broken.id!r} has other variables")
    half = target.with_name(f"{target.name}.{os.getpid()}")
    with half.open("wb") as file:
        write_mo(file, catalogue)
    half.replace(target)
    return len(messages)


def keeps_variables(message: Message) -> bool:
    """Tell whether a translation has the variables of its source; a plural form may leave out its number."""
    if isinstance(message.id, str):
        return _names([message.id]) == _names([str(message.string)])
    return _names(message.string or ()) <= _names(message.id)


def _names(texts: Iterable[str]) -> set[str]:
    return {name for text in texts for name in _VARIABLE.findall(text)}
