"""Streams and their write keys: made, rotated with an overlap, revoked, and when each was last used."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from apps.orgs.models import RetiredKey, Stream, new_write_key

# How long a key that was replaced is still accepted, unless it is revoked before.
OVERLAP = timedelta(days=30)
# `last used` is right to this much: the door sees a key thousands of times a second.
_NOTED_EVERY = timedelta(minutes=1)


def create_stream(*, property_id: int, kind: str, name: str) -> Stream:
    """Create a stream with a write key of its own."""
    return Stream.objects.create(property_id=property_id, kind=kind, name=name)


@transaction.atomic
def rotate_key(*, property_id: int, stream_id: int, now: datetime) -> Stream:
    """Give a stream a new write key; the one before is accepted for `OVERLAP` longer. Raises Stream.DoesNotExist."""
    stream = Stream.objects.select_for_update().get(property_id=property_id, pk=stream_id)
    RetiredKey.objects.filter(stream=stream, accepted_until__lte=now).delete()
    RetiredKey.objects.create(
        stream=stream, write_key=stream.write_key, accepted_until=now + OVERLAP, last_used_at=stream.last_used_at
    )
    stream.write_key, stream.key_made_at, stream.last_used_at = new_write_key(), now, None
    stream.save(update_fields=["write_key", "key_made_at", "last_used_at"])
    return stream


def revoke_key(*, property_id: int, retired_key_id: int) -> None:
    """End the overlap of a key now. Raises RetiredKey.DoesNotExist."""
    RetiredKey.objects.get(stream__property_id=property_id, pk=retired_key_id).delete()


def switch_stream(*, property_id: int, stream_id: int, is_active: bool) -> Stream:
    """Let a stream accept events, or none. Raises Stream.DoesNotExist."""
    stream = Stream.objects.get(property_id=property_id, pk=stream_id)
    stream.is_active = is_active
    stream.save(update_fields=["is_active"])
    return stream


def note_use(write_key: str, *, now: datetime) -> None:
    """Remember when a key was last used, about."""
    is_old = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _NOTED_EVERY)
    if not Stream.objects.filter(is_old, write_key=write_key).update(last_used_at=now):
        RetiredKey.objects.filter(is_old, write_key=write_key).update(last_used_at=now)
