"""Tokens with which a company's directory provisions its people."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from apps.accounts.models import ProvisioningToken
from apps.orgs.api import Organization
from apps.shared import behalf

_PREFIX = "scim_"
_USED_EVERY = timedelta(minutes=5)  # how exactly "last used" is kept


def make_token(*, organization: Organization, made_by: Any) -> tuple[ProvisioningToken, str]:
    """Return a new token's row, and the token itself: the only time that it can be seen."""
    token = _PREFIX + secrets.token_urlsafe(32)
    row = ProvisioningToken.objects.create(
        organization=organization, prefix=token[:10], digest=_digest(token), made_by=made_by
    )
    return row, token


@behalf.as_system
def find_token(token: str, *, now: datetime) -> ProvisioningToken | None:
    """Return the row of *token*, noted as used, or None. 256 random bits need no slow hash."""
    row = ProvisioningToken.objects.select_related("organization").filter(digest=_digest(token)).first()
    if row is not None and (row.last_used_at is None or row.last_used_at < now - _USED_EVERY):
        row.last_used_at = now
        row.save(update_fields=["last_used_at"])
    return row


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
