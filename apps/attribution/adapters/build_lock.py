"""One build of a property at a time: an advisory lock that PostgreSQL drops by itself when its holder dies."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_CLASS = 0x4A4F5552  # "JOUR": keeps these locks apart from other advisory locks


@contextmanager
def build_lock(property_id: int) -> Iterator[bool]:
    """Hold the property's lock and yield True, or yield False because somebody else holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_CLASS, property_id % 2**31])
        is_held = bool(cursor.fetchone()[0])
    try:
        yield is_held
    finally:
        if is_held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_CLASS, property_id % 2**31])


def is_locked(property_id: int) -> bool:
    """Tell whether a build of the property is under way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s "
            "AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [_CLASS, property_id % 2**31],
        )
        return bool(cursor.fetchone()[0])
