"""One build, and one training, of a property at a time: advisory locks that PostgreSQL drops when their holder dies."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from django.db import connection

# What keeps these locks apart from other advisory locks: "JOUR" and "TRAI".
_BUILD = 0x4A4F5552
_TRAINING = 0x54524149


def build_lock(property_id: int) -> AbstractContextManager[bool]:
    """Hold the property's lock and yield True, or yield False because another build holds it."""
    return _lock(_BUILD, property_id)


def training_lock(property_id: int) -> AbstractContextManager[bool]:
    """Hold the property's lock and yield True, or yield False because another training holds it."""
    return _lock(_TRAINING, property_id)


@contextmanager
def _lock(kind: int, property_id: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [kind, property_id % 2**31])
        is_held = bool(cursor.fetchone()[0])
    try:
        yield is_held
    finally:
        if is_held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [kind, property_id % 2**31])


def is_locked(property_id: int) -> bool:
    """Tell whether a build of the property is under way."""
    return _is_locked(_BUILD, property_id)


def is_training(property_id: int) -> bool:
    """Tell whether a training of the property is under way."""
    return _is_locked(_TRAINING, property_id)


def _is_locked(kind: int, property_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s "
            "AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [kind, property_id % 2**31],
        )
        return bool(cursor.fetchone()[0])
