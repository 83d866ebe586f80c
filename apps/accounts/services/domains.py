"""Claiming a mail domain, and showing that it is one's own."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.domain.addresses import ascii_domain
from apps.accounts.models import Domain
from apps.orgs.api import Organization

# Addresses there belong to anybody: whoever proved such a domain would sign in half the world.
_ANYBODYS = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "icloud.com",
        "me.com", "proton.me", "protonmail.com", "gmx.de", "gmx.net", "web.de", "aol.com", "mail.ru", "yandex.ru",
        "ya.ru", "bk.ru", "list.ru", "inbox.ru", "rambler.ru", "qq.com", "163.com",
    }
)  # fmt: skip
Proof = Callable[[str, str], bool]


def add_domain(*, organization: Organization, name: str) -> Domain:
    """Begin to claim a domain. Raises ValidationError for what is none, is anybody's, or is claimed already."""
    plain = ascii_domain(name)
    if not plain:
        raise ValidationError({"name": _("“%(name)s” is not a domain.") % {"name": name[:80]}})
    if plain in _ANYBODYS:
        raise ValidationError({"name": _("Addresses at this domain belong to anybody, so nobody can claim it.")})
    if Domain.objects.filter(organization=organization, name=plain).exists():
        raise ValidationError({"name": _("This domain is in the list already.")})
    return Domain.objects.create(organization=organization, name=plain)


def verify_domain(*, domain: Domain, proofs: Mapping[str, Proof], now: datetime) -> Domain:
    """Look for the proof in DNS, then on the website, and note what was found. Raises ValidationError."""
    method = next((name for name, is_shown in proofs.items() if is_shown(domain.name, domain.proof)), "")
    if not method:
        raise ValidationError(
            _("The proof was found neither in DNS nor on the website. A new record may take a while.")
        )
    domain.verified_at, domain.verified_by = now, method
    try:
        with transaction.atomic():
            domain.save()
    except IntegrityError:
        raise ValidationError(_("Another organization here has verified this domain.")) from None
    return domain
