"""Devices: end one session."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.orgs.api import MemberRequest


@require_POST
@login_required
def end_session(request: MemberRequest, pk: int) -> HttpResponse:
    """Sign out one of one's own other sessions, at once."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    if not session.is_current():
        session.end()
        messages.success(request, _("Signed out there."))
    return redirect("usersessions_list")
