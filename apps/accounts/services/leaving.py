"""The end of sessions that an identity provider began, here and there."""

from importlib import import_module
from typing import Any

from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings

from apps.accounts.models import IdentityProvider
from apps.accounts.services import entering

# Which session of the provider one of ours belongs to: {"provider": key, "index": ..., "format": ...}.
BEGAN = "accounts_began_by"


def note_beginning(session: Any, account: Any) -> None:
    """Write down in *session* which session of the provider it belongs to."""
    token = (account.extra_data or {}).get("id_token")
    sid = str(token.get("sid", "")) if isinstance(token, dict) else ""
    said = {"index": getattr(account, "session_index", "") or sid, "format": getattr(account, "name_id_format", "")}
    session[BEGAN] = {"provider": account.provider, "uid": account.uid, **said}


def end_sessions(provider: IdentityProvider, *, uid: str, indexes: list[str]) -> int:
    """End the sessions that *provider* began for whom it calls *uid*, all or those of *indexes*; return how many."""
    users = SocialAccount.objects.filter(provider=provider.key, uid=uid).values("user_id")
    count = 0
    for one in UserSession.objects.filter(user__in=users).select_related("user"):
        session = _store(one.session_key)
        began = session.get(BEGAN, {})
        is_meant = not indexes or not began.get("index") or began["index"] in indexes
        if is_meant and entering.came_through(provider, one.user, session):
            one.end()
            count += 1
    return count


def _store(session_key: str) -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore(session_key)
