"""Sign-ins in the record of each organization that a person is in."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from apps.compliance import services
from apps.orgs import api as orgs
from apps.shared import behalf
from apps.shared.behalf import Actor, Behalf


def listen() -> None:
    """Hear of every sign-in, sign-out and failed attempt, whichever way it came."""
    user_logged_in.connect(_signed_in, dispatch_uid="record")
    user_logged_out.connect(_signed_out, dispatch_uid="record")
    user_login_failed.connect(_failed, dispatch_uid="record")


def _signed_in(user: Any, request: HttpRequest | None = None, **_: Any) -> None:
    _record("sign_in", user, request)


def _signed_out(user: Any, request: HttpRequest | None = None, **_: Any) -> None:
    if user is not None:
        _record("sign_out", user, request)


def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    email = str(credentials.get("email") or credentials.get("username") or "")[:254]
    user = orgs.account_by_email(email)
    if user is not None:
        _record("sign_in_failed", user, request)


def _record(action: str, user: Any, request: HttpRequest | None) -> None:
    where = (
        {}
        if request is None
        else {"address": orgs.address_of(request), "request_id": getattr(request, "request_id", "")}
    )
    actor = Actor(kind="person", id=user.pk, name=user.email, **where)
    with behalf.acting(Behalf(is_system=True, actor=actor)):
        for organization_id in orgs.organization_ids_of(user):
            services.record(
                action=action, organization_id=organization_id, subject="orgs_user", subject_id=str(user.pk)
            )
