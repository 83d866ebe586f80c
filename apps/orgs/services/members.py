"""Who belongs to an organization: invited, changed, gone."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.orgs.domain.access import Access
from apps.orgs.models import (
    CustomRole,
    Grant,
    Invitation,
    Membership,
    Organization,
    Property,
    Role,
    ServiceAccount,
    User,
)
from apps.shared import behalf
from apps.shared.behalf import Limits

INVITATION_HOLDS = timedelta(days=7)
SUPPORT_HOLDS = timedelta(hours=1)


_GRANTED = ("role", "custom_role", "property_ids", "sources", "countries")


class TooMuch(Exception):
    """Somebody would give, or take away, more than they have themselves."""


class LastOwner(Exception):
    """An organization without an owner could not be run by anybody."""


class InvitationGone(Exception):
    """The invitation was used, withdrawn, has expired, or never was."""


class NotYours(Exception):
    """The invitation is for another e-mail address."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An invitation with the secret that opens it, which is known now and never again."""

    invitation: Invitation
    secret: str


def add_member(*, organization: Organization, user: User, role: Role) -> Membership:
    """Make *user* a member with *role*; who is one already has that role from now on."""
    return Membership.objects.update_or_create(organization=organization, user=user, defaults={"role": role})[0]


@transaction.atomic
def invite(
    *, organization: Organization, email: str, made_by: User, now: datetime, grant: Mapping[str, Any], giver: Access
) -> Letter:
    """Invite a person by mail, instead of an earlier invitation to the same address.

    Raises ValidationError, or TooMuch when *giver* has less than they give.
    """
    email = email.strip().lower()
    if Membership.objects.filter(organization=organization, user__email=email).exists():
        raise ValidationError({"email": _("This person is a member already.")})
    check_grant(organization, grant, giver)
    Invitation.objects.filter(organization=organization, email=email).delete()
    secret = secrets.token_urlsafe(32)
    row = Invitation(
        organization=organization,
        email=email,
        secret_hash=secret_hash(secret),
        made_by=made_by,
        made_at=now,
        expires_at=now + INVITATION_HOLDS,
        **grant,
    )
    row.full_clean(exclude=["organization", "made_by"], validate_constraints=False)
    row.save()
    return Letter(row, secret)


def secret_hash(secret: str) -> str:
    """Return what is kept of a secret: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_invitation(secret: str, *, now: datetime) -> Invitation:
    """Return the invitation that a secret opens, to whoever holds it. Raises InvitationGone."""
    with behalf.acting(behalf.of_system()):  # the reader is no member yet: the secret is what lets them in
        rows = Invitation.objects.select_related("organization", "custom_role", "made_by")
        row = rows.filter(secret_hash=secret_hash(secret), expires_at__gt=now).first()
    if row is None:
        raise InvitationGone
    return row


def accept_invitation(secret: str, *, user: User, now: datetime) -> Membership:
    """Make *user* a member as the invitation says, once. Raises InvitationGone or NotYours."""
    with behalf.acting(behalf.of_system()), transaction.atomic():
        rows = Invitation.objects.select_for_update(of=("self",)).select_related("organization", "custom_role")
        row = rows.filter(secret_hash=secret_hash(secret), expires_at__gt=now).first()
        if row is None:
            raise InvitationGone
        if row.email != user.email:
            raise NotYours
        member, _is_new = Membership.objects.get_or_create(
            organization=row.organization, user=user, defaults=_granted(row)
        )
        row.delete()
    return member


def change_member(member: Membership, *, grant: Mapping[str, Any], giver: Access) -> None:
    """Give a member another role or other limits. Raises ValidationError, TooMuch or LastOwner."""
    with transaction.atomic():
        check_giver(member, giver)
        check_grant(member.organization, grant, giver)
        if member.role == Role.OWNER and grant.get("role") != Role.OWNER:
            _check_other_owner(member)
        for name, value in grant.items():
            setattr(member, name, value)
        member.full_clean(exclude=["organization", "user"], validate_constraints=False)
        member.save()


def remove_member(member: Membership, *, giver: Access | None = None) -> None:
    """End a membership: *giver* removes somebody, or, without one, a person leaves. Raises TooMuch or LastOwner."""
    with transaction.atomic():
        if giver is not None:
            check_giver(member, giver)
        if member.role == Role.OWNER:
            _check_other_owner(member)
        member.delete()


def give_support(*, organization: Organization, operator: User, reason: str, now: datetime) -> Membership:
    """Let an operator look into an organization for an hour; its members see who, and why.

    Raises ValidationError without a reason, or when the operator is a member anyway.
    """
    if len(reason.strip()) < 10:
        raise ValidationError({"reason": _("Say why, so that the members of the organization understand it.")})
    if Membership.objects.filter(organization=organization, user=operator, ends_at__isnull=True).exists():
        raise ValidationError({"organization": _("You are a member of this organization.")})
    given = {"role": Role.VIEWER, "reason": reason.strip()[:500], "ends_at": now + SUPPORT_HOLDS}
    return Membership.objects.update_or_create(organization=organization, user=operator, defaults=given)[0]


def end_support(*, now: datetime) -> None:
    """Forget support access whose hour is over; it opens nothing any more by then."""
    Membership.objects.filter(ends_at__lte=now).delete()


def _check_other_owner(member: Membership) -> None:
    owners = Membership.objects.select_for_update().filter(organization=member.organization_id, role=Role.OWNER)
    if not [row for row in owners if row.pk != member.pk]:
        raise LastOwner


def check_giver(grant: Grant, giver: Access) -> None:
    """Refuse to touch what somebody has who has more. Raises TooMuch."""
    limits = Limits(tuple(grant.sources), tuple(grant.countries))
    if not giver.may_give(grant.permissions, property_ids=frozenset(grant.property_ids), limits=limits):
        raise TooMuch


def check_grant(organization: Organization, grant: Mapping[str, Any], giver: Access) -> None:
    """Refuse roles and properties of others, however they came in, and more than *giver* has.

    Raises ValidationError or TooMuch.
    """
    wished = ServiceAccount(**{name: value for name, value in grant.items() if name in _GRANTED})
    if wished.role not in Role.values:
        raise ValidationError({"role": _("There is no such role.")})
    custom = grant.get("custom_role")
    if isinstance(custom, CustomRole) and custom.organization_id != organization.pk:
        raise ValidationError({"role": _("Choose a role of this organization.")})
    wanted = set(grant.get("property_ids") or ())
    if wanted - set(Property.objects.filter(organization=organization).values_list("pk", flat=True)):
        raise ValidationError({"property_ids": _("Choose properties of this organization.")})
    check_giver(wished, giver)


def _granted(grant: Grant) -> dict[str, Any]:
    return {name: getattr(grant, name) for name in _GRANTED}
