"""Who belongs to an organization, and how people join and leave it."""

from smtplib import SMTPException
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from apps.orgs import services
from apps.orgs.adapters import letters
from apps.orgs.domain.permissions import Permission
from apps.orgs.grants import GrantForm, InvitationForm
from apps.orgs.models import Invitation, Membership
from apps.orgs.requests import MemberRequest, OrganizationRequest
from apps.orgs.rules import organization_page
from apps.shared.pages import page_of

MEMBERS_ON_A_PAGE, INVITATIONS_ON_A_PAGE = 50, 20
_TOO_MUCH = gettext_lazy("You cannot give, change or take away more than you may do yourself.")


@organization_page(Permission.MEMBERS_READ)
def members(request: OrganizationRequest) -> HttpResponse:
    """List the members and the open invitations; whoever may, invites."""
    may_change = request.access.may(Permission.MEMBERS)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    form = InvitationForm(request.POST or None, organization=request.organization, initial={"role": "viewer"})
    if form.is_bound and form.is_valid() and _invite(request, form):
        return redirect("orgs:member-list", request.organization.slug)
    return render(request, "orgs/members.html", _listed(request, form), status=422 if form.is_bound else 200)


def _listed(request: OrganizationRequest, form: InvitationForm) -> dict[str, Any]:
    wanted = request.GET.get("q", "").strip().replace("\0", "")[:120]
    rows = Membership.objects.filter(organization=request.organization).select_related("user", "custom_role")
    found = rows.filter(user__email__icontains=wanted) if wanted else rows
    may_change = request.access.may(Permission.MEMBERS)
    open_ones = Invitation.objects.filter(organization=request.organization).select_related("custom_role")
    shown = open_ones.order_by("-made_at", "-pk") if may_change else open_ones.none()
    labels = (_("Member"), _("Role"), _("Sees"), _("Last signed in"))
    return {
        "page": page_of(found.order_by("user__email"), request.GET, size=MEMBERS_ON_A_PAGE),
        "wanted": wanted,
        "columns": [{"label": label} for label in labels],
        "invitations": page_of(shown, request.GET, size=INVITATIONS_ON_A_PAGE, name="invited"),
        "form": form,
        "may_change": may_change,
        "now": timezone.now(),
    }


def _invite(request: OrganizationRequest, form: InvitationForm) -> bool:
    email = form.cleaned_data["email"]
    try:
        letter = services.invite(
            organization=request.organization,
            email=email,
            made_by=request.user,
            now=timezone.now(),
            grant=form.grant(),
            giver=request.access,
        )
    except services.TooMuch:
        form.add_error("role", str(_TOO_MUCH))
        return False
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    url = request.build_absolute_uri(reverse("orgs:invitation", args=[letter.secret]))
    try:
        letters.send_invitation(letter.invitation, url=url)
    except (OSError, SMTPException):
        words = _("The mail could not be sent. Give %(email)s this address: %(url)s")
        messages.warning(request, words % {"email": email, "url": url})
        return True
    messages.success(request, _("An invitation is on its way to %(email)s.") % {"email": email})
    return True


@organization_page(Permission.MEMBERS)
def member(request: OrganizationRequest, member_id: int) -> HttpResponse:
    """Change what a member may do."""
    row = get_object_or_404(
        Membership.objects.select_related("user", "custom_role", "organization"),
        organization=request.organization,
        pk=member_id,
    )
    form = GrantForm(request.POST or None, organization=request.organization, grant=row)
    if form.is_bound and form.is_valid() and _change(request, row, form):
        messages.success(request, _("%(email)s is changed.") % {"email": row.user.email})
        return redirect("orgs:member-list", request.organization.slug)
    return render(request, "orgs/member.html", {"form": form, "row": row}, status=422 if form.is_bound else 200)


def _change(request: OrganizationRequest, row: Membership, form: GrantForm) -> bool:
    try:
        services.change_member(row, grant=form.grant(), giver=request.access)
    except services.TooMuch:
        form.add_error("role", str(_TOO_MUCH))
    except services.LastOwner:
        form.add_error("role", _("An organization keeps an owner. Make somebody else the owner first."))
    except ValidationError as error:
        form.add_error(None, error.messages)
    return form.is_valid()


@organization_page(Permission.MEMBERS)
@require_POST
def remove_member(request: OrganizationRequest, member_id: int) -> HttpResponse:
    """End somebody's membership."""
    rows = Membership.objects.select_related("user", "custom_role", "organization")
    row = get_object_or_404(rows, organization=request.organization, pk=member_id)
    try:
        services.remove_member(row, giver=request.access)
    except services.TooMuch:
        messages.error(request, str(_TOO_MUCH))
    except services.LastOwner:
        messages.error(request, _("An organization keeps an owner. Make somebody else the owner first."))
    else:
        messages.success(request, _("%(email)s is no member any more.") % {"email": row.user.email})
    return redirect("orgs:member-list", request.organization.slug)


@organization_page(None)
@require_POST
def leave(request: OrganizationRequest) -> HttpResponse:
    """End one's own membership."""
    row = Membership.objects.get(organization=request.organization, user=request.user)
    try:
        services.remove_member(row)
    except services.LastOwner:
        messages.error(request, _("An organization keeps an owner. Make somebody else the owner first."))
        return redirect("orgs:organization", request.organization.slug)
    messages.success(request, _("You have left %(organization)s.") % {"organization": request.organization.name})
    return redirect("orgs:home")


@organization_page(Permission.MEMBERS)
@require_POST
def withdraw(request: OrganizationRequest, invitation_id: int) -> HttpResponse:
    """Take an invitation back: its address opens nothing any more."""
    get_object_or_404(Invitation, organization=request.organization, pk=invitation_id).delete()
    messages.success(request, _("The invitation is withdrawn."))
    return redirect("orgs:member-list", request.organization.slug)


def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Show who invites; whoever is signed in with the address it was sent to, joins."""
    try:
        row = services.find_invitation(secret, now=timezone.now())
    except services.InvitationGone:
        return render(request, "orgs/invitation.html", {"row": None}, status=404)
    if not request.user.is_authenticated:
        request.session["invitation"] = secret  # lets this address make an account where sign-up is closed
    context = {
        "row": row,
        "secret": secret,
        "is_theirs": request.user.is_authenticated and request.user.email == row.email,
    }
    return render(request, "orgs/invitation.html", context)


@login_required
@require_POST
def accept(request: MemberRequest, secret: str) -> HttpResponse:
    """Join."""
    try:
        row = services.accept_invitation(secret, user=request.user, now=timezone.now())
    except services.InvitationGone:
        return render(request, "orgs/invitation.html", {"row": None}, status=404)
    except services.NotYours:
        raise PermissionDenied from None
    request.session.pop("invitation", None)
    messages.success(request, _("You are a member of %(organization)s now.") % {"organization": row.organization.name})
    return redirect("orgs:home")
