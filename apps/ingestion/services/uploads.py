"""Files on their way in: kept until somebody has looked at what they become, once for all tries to send them."""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from django.db import IntegrityError, transaction

from apps.ingestion.models import FileImport, ImportWork
from apps.ingestion.services.file_imports import HowToRead

MOST_FILES = 50  # of a property at once: each is kept whole until it is imported
_FORGOTTEN_AFTER = timedelta(days=1)
_Status = FileImport.Status


class KeyReused(Exception):
    """The key of an upload came before with another file, or with another word about how it is read."""


class TooManyFiles(Exception):
    """The property keeps as many files as it may that were not imported yet."""


class Upload(NamedTuple):
    """A file that came, for which stream, and how it is to be read."""

    name: str
    content: bytes
    stream_id: int
    said: HowToRead


def upload_file(
    sent: Upload, *, property_id: int, made_by: Any, now: datetime, upload_key: str = "", fingerprint: str = ""
) -> FileImport:
    """Keep a file until somebody has looked at what it becomes. Raises TooManyFiles.

    Files that nobody imported go after a day.
    """
    with transaction.atomic():
        _forget_old(property_id, now)
        if FileImport.objects.filter(property_id=property_id).exclude(status=_Status.SUCCEEDED).count() >= MOST_FILES:
            raise TooManyFiles(property_id)
        run = FileImport.objects.create(
            property_id=property_id,
            stream_id=sent.stream_id,
            name=Path(sent.name).name[-200:] or "file",
            size=len(sent.content),
            said=sent.said._asdict(),
            upload_key=upload_key,
            fingerprint=fingerprint,
            made_by=made_by,
            made_at=now,
        )
        ImportWork.objects.create(run=run, property_id=property_id, content=sent.content)
    return run


def upload_once(sent: Upload, *, property_id: int, key: str, made_by: Any, now: datetime) -> tuple[FileImport, bool]:
    """Keep a file that a program may send again, and say whether it is new. Raises KeyReused and TooManyFiles.

    Tries are one upload by their *key*; without one, by what they send and say. Two at the same moment are one too.
    """
    fingerprint = _fingerprint(sent)
    names = {"upload_key": hashlib.sha256(b"key " + key.encode()).hexdigest() if key else fingerprint}
    _forget_old(property_id, now)
    before = FileImport.objects.filter(property_id=property_id, **names).first()
    if before is None:
        names |= {"fingerprint": fingerprint}
        try:
            return upload_file(sent, property_id=property_id, made_by=made_by, now=now, **names), True
        except IntegrityError:  # another try was faster
            before = FileImport.objects.get(property_id=property_id, upload_key=names["upload_key"])
    if before.fingerprint != fingerprint:
        raise KeyReused(key)
    return before, False


def _forget_old(property_id: int, now: datetime) -> None:
    long_ago = now - _FORGOTTEN_AFTER
    old = FileImport.objects.filter(property_id=property_id, status=_Status.LOOKED_AT, made_at__lt=long_ago)
    with transaction.atomic():
        for run in old.select_for_update(skip_locked=True):
            run.delete()


def _fingerprint(sent: Upload) -> str:
    """Return what is the same for the same content, read in the same way."""
    about = msgspec.json.encode([sent.stream_id, Path(sent.name).name, sent.said])
    return hashlib.sha256(about + b"\n" + sent.content).hexdigest()
