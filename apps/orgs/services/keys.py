"""Service accounts and their API keys."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.orgs.domain.access import Access
from apps.orgs.domain.permissions import NEVER_CUSTOM, known
from apps.orgs.models import ApiKey, Organization, ServiceAccount, User
from apps.orgs.services.members import check_grant, secret_hash
from apps.shared import behalf

OVERLAP = timedelta(days=7)
_NOTED_EVERY = timedelta(minutes=1)


class BadKey(Exception):
    """There is no such key, or it has expired, was revoked, or is not allowed from this address."""


class NewKey(NamedTuple):
    """A key with its text, which is known now and never again."""

    row: ApiKey
    text: str


def create_service_account(
    *, organization: Organization, name: str, grant: Mapping[str, Any], giver: Access
) -> ServiceAccount:
    """Create an account for a program. Raises ValidationError or TooMuch."""
    check_grant(organization, grant, giver)
    account = ServiceAccount(organization=organization, name=name, **grant)
    account.full_clean(exclude=["organization"])
    account.save()
    return account


def create_key(
    *,
    account: ServiceAccount,
    name: str,
    scopes: Iterable[str],
    made_by: User | None,
    expires_at: datetime | None = None,
    networks: Iterable[str] = (),
    per_minute: int = 120,
) -> NewKey:
    """Create a key of 256 random bits. It allows its scopes as far as its account may. Raises ValidationError."""
    prefix, secret = f"tk_{secrets.token_hex(4)}", secrets.token_urlsafe(32)
    row = ApiKey(
        account=account,
        name=name,
        prefix=prefix,
        secret_hash=secret_hash(secret),
        scopes=sorted(known(list(scopes)) - NEVER_CUSTOM),
        networks=[_network(one) for one in networks],
        per_minute=per_minute,
        expires_at=expires_at,
        made_by=made_by,
    )
    row.full_clean(exclude=["account", "made_by"])
    row.save()
    return NewKey(row, f"{prefix}_{secret}")


def _network(text: str) -> str:
    try:
        return str(ip_network(text.strip(), strict=False))
    except ValueError:
        raise ValidationError(
            {"networks": _("“%(text)s” is no address and no network.") % {"text": text[:60]}}
        ) from None


@transaction.atomic
def rotate_api_key(row: ApiKey, *, made_by: User | None, now: datetime) -> NewKey:
    """Create a key that allows the same; the one before works for `OVERLAP` longer at most."""
    made = create_key(
        account=row.account,
        name=row.name,
        scopes=row.scopes,
        made_by=made_by,
        expires_at=row.expires_at,
        networks=row.networks,
        per_minute=row.per_minute,
    )
    ends = now + OVERLAP
    row.expires_at = min(row.expires_at, ends) if row.expires_at else ends
    row.save(update_fields=["expires_at"])
    return made


def revoke_api_key(row: ApiKey, *, now: datetime) -> None:
    """End a key at once. It stays listed, so that its past can be read."""
    row.revoked_at = row.revoked_at or now
    row.save(update_fields=["revoked_at"])


def open_with(text: str, *, address: str, now: datetime) -> ApiKey:
    """Return the key that *text* is, noting its use. Raises BadKey, for whatever reason, in the same words."""
    if not text.isascii() or not text.isprintable():
        raise BadKey
    prefix, secret = _parted(text)
    with behalf.acting(behalf.of_system()):  # whose key it is, only the key tells
        rows = ApiKey.objects.select_related("account__organization", "account__custom_role")
        row = rows.filter(prefix=prefix).first()
        if row is None or not secrets.compare_digest(row.secret_hash, secret_hash(secret)):
            raise BadKey
        if not _is_good(row, address, now):
            raise BadKey
        is_old = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _NOTED_EVERY)
        ApiKey.objects.filter(is_old, pk=row.pk).update(last_used_at=now, last_used_from=address or None)
    return row


def _parted(text: str) -> tuple[str, str]:
    """Return prefix and secret; the secret may hold underscores, the prefix has exactly one."""
    head, _first, rest = text.partition("_")
    middle, _second, secret = rest.partition("_")
    return f"{head}_{middle}", secret


def _is_good(row: ApiKey, address: str, now: datetime) -> bool:
    if row.revoked_at is not None or not row.account.is_active or (row.expires_at and row.expires_at <= now):
        return False
    if not row.networks:
        return True
    try:
        came = ip_address(address)
    except ValueError:
        return False
    return any(came in ip_network(network) for network in row.networks)
