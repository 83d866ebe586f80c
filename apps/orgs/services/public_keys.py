"""Public keys of streams: added beside one another, so that they can be rotated, and ended at once."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.orgs.domain import public_keys
from apps.orgs.models import PublicKey, Stream, User

MOST = 5  # of one stream: the one in use, its successor, and those of a few machines
_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def add_public_key(*, property_id: int, stream_id: int, name: str, pem: str, made_by: User | None) -> PublicKey:
    """Let the holder of a private key send to a stream. Raises Stream.DoesNotExist or ValidationError by field."""
    stream = Stream.objects.select_for_update().get(property_id=property_id, pk=stream_id)
    try:
        key = public_keys.read_public_key(pem)
    except public_keys.PrivateKeyGiven:
        message = _("This is a private key. Keep it where it is used, and paste the public one that belongs to it.")
        raise ValidationError({"pem": message}) from None
    except public_keys.NotAPublicKey:
        message = _("Paste a public key in PEM: RSA of 2,048 to 4,096 bits, or the curve P-256.")
        raise ValidationError({"pem": message}) from None
    if stream.public_keys.filter(fingerprint=key.fingerprint).exists():
        raise ValidationError({"pem": _("The stream has this key already.")})
    if stream.public_keys.count() >= MOST:
        raise ValidationError(_("A stream has at most %(most)d public keys: revoke one first.") % {"most": MOST})
    return PublicKey.objects.create(
        stream=stream,
        name=name,
        pem=key.pem,
        algorithm=key.algorithm,
        fingerprint=key.fingerprint,
        made_by=made_by,
    )


@transaction.atomic
def revoke_public_key(*, property_id: int, stream_id: int, public_key_id: int) -> None:
    """End a key and the tokens that it got. Raises PublicKey.DoesNotExist.

    A stream that wants tokens goes on wanting them, also when none of its keys is left: it shuts, and never opens
    by itself.
    """
    PublicKey.objects.get(stream__property_id=property_id, stream_id=stream_id, pk=public_key_id).delete()


def require_token(*, property_id: int, stream_id: int, is_required: bool) -> Stream:
    """Let a stream take events only with a token, or also by its write key alone. Raises Stream.DoesNotExist."""
    stream = Stream.objects.get(property_id=property_id, pk=stream_id)
    stream.requires_token = is_required
    stream.save(update_fields=["requires_token"])
    return stream


def note_public_key(key_id: str, *, now: datetime) -> None:
    """Remember when a key got its last token, about."""
    is_old = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _NOTED_EVERY)
    PublicKey.objects.filter(is_old, key_id=key_id).update(last_used_at=now)
