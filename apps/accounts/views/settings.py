"""An organization's sign-in settings: rules, domains, identity provider, tokens of its directory."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.accounts.adapters import domain_proofs, saml_metadata
from apps.accounts.domain import certificates
from apps.accounts.doors import OwnerRequest, owner_page
from apps.accounts.forms.provider import ProviderForm
from apps.accounts.forms.rules import DomainForm, RulesForm
from apps.accounts.models import Domain, IdentityProvider, ProvisioningToken, SignInRules
from apps.accounts.models.sign_in import key_of
from apps.accounts.services import domains, providers, rules, tokens
from apps.orgs.api import Organization


@owner_page
def show(request: OwnerRequest) -> HttpResponse:
    """Show everything, with what is missing still."""
    return _page(request)


@owner_page
@require_POST
def save_rules(request: OwnerRequest) -> HttpResponse:
    """Change what everybody must show."""
    form = _rules_form(request, request.POST)
    if not form.is_valid():
        return _page(request, rules_form=form, status=422)
    url = request.build_absolute_uri(_address(request.organization))
    rules.save_rules(rules=form.instance, changed=form.changed_data, made_by=request.user, url=url)
    messages.success(request, _("Saved. The owners were told by mail."))
    return redirect(_address(request.organization))


@owner_page
@require_POST
def add_domain(request: OwnerRequest) -> HttpResponse:
    """Begin to claim a domain."""
    form = DomainForm(request.POST)
    if form.is_valid():
        try:
            domains.add_domain(organization=request.organization, name=form.cleaned_data["name"])
            return redirect(_address(request.organization) + "#domains")
        except ValidationError as error:
            form.add_error(None, error)
    return _page(request, domain_form=form, status=422)


@owner_page
@require_POST
def verify_domain(request: OwnerRequest, domain_id: int) -> HttpResponse:
    """Look for the proof now."""
    domain = get_object_or_404(Domain, pk=domain_id, organization=request.organization)
    proofs = {"dns": domain_proofs.is_in_dns, "file": domain_proofs.is_on_website}
    try:
        domains.verify_domain(domain=domain, proofs=proofs, now=timezone.now())
        messages.success(request, _("%(domain)s is verified.") % {"domain": domain.name})
    except ValidationError as error:
        return _page(request, failed_domain=domain.pk, failure=error.messages[0], status=422)
    return redirect(_address(request.organization) + "#domains")


@owner_page
@require_POST
def remove_domain(request: OwnerRequest, domain_id: int) -> HttpResponse:
    """Give a domain up: from now on the identity provider cannot speak for its addresses."""
    get_object_or_404(Domain, pk=domain_id, organization=request.organization).delete()
    messages.success(request, _("The domain was removed."))
    return redirect(_address(request.organization) + "#domains")


@owner_page
def provider(request: OwnerRequest) -> HttpResponse:
    """Set the identity provider up."""
    row = _provider_of(request.organization) or IdentityProvider(
        organization=request.organization, key=key_of(request.organization.pk)
    )
    form = ProviderForm(request.POST or None, instance=row)
    if form.is_bound and form.is_valid():
        providers.save_provider(form.instance, changed=form.changed_data, now=timezone.now())
        messages.success(request, _("Saved. Sign in through it once to see that it works."))
        return redirect(_address(request.organization))
    context = {"form": form, "organization": request.organization, "ours": _ours(request, row)}
    return render(request, "accounts/provider.html", context, status=422 if form.is_bound else 200)


@owner_page
@require_POST
def refresh_provider(request: OwnerRequest) -> HttpResponse:
    """Read the metadata now."""
    row = get_object_or_404(IdentityProvider.objects.exclude(metadata_url=""), organization=request.organization)
    try:
        providers.refresh(row, now=timezone.now())
        messages.success(request, _("The metadata was read."))
    except saml_metadata.NoMetadata:
        messages.error(request, _("The metadata could not be read, or is another provider's. Nothing was changed."))
    return redirect(_address(request.organization) + "#provider")


@owner_page
@require_POST
def remove_provider(request: OwnerRequest) -> HttpResponse:
    """Do without single sign-on; the rule that asks for it goes with it."""
    providers.remove_provider(organization=request.organization)
    messages.success(request, _("The identity provider was removed."))
    return redirect(_address(request.organization))


@owner_page
@require_POST
def make_token(request: OwnerRequest) -> HttpResponse:
    """Make a token for the directory, and show it this once."""
    _row, token = tokens.make_token(organization=request.organization, made_by=request.user)
    return _page(request, new_token=token)


@owner_page
@require_POST
def remove_token(request: OwnerRequest, token_id: int) -> HttpResponse:
    """Revoke a token."""
    get_object_or_404(ProvisioningToken, pk=token_id, organization=request.organization).delete()
    messages.success(request, _("The token no longer works."))
    return redirect(_address(request.organization) + "#provisioning")


def _page(request: OwnerRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    organization, row = request.organization, _provider_of(request.organization)
    text = row.certificates if row and row.kind == IdentityProvider.Kind.SAML else ""
    context = {
        "organization": organization,
        "provider": row,
        "certificates": certificates.read(text),
        "ends_at": certificates.ends_soon(text, now=timezone.now()),
        "domains": Domain.objects.filter(organization=organization),
        "tokens": ProvisioningToken.objects.filter(organization=organization).select_related("made_by"),
        "record": domain_proofs.RECORD,
        "file": domain_proofs.FILE,
        "scim_url": request.build_absolute_uri("/scim/v2/"),
        "domain_form": DomainForm(),
        **({} if "rules_form" in more else {"rules_form": _rules_form(request)}),
        **more,
    }
    return render(request, "accounts/settings.html", context, status=status)


def _rules_form(request: OwnerRequest, data: Any = None) -> RulesForm:
    row = SignInRules.objects.filter(organization=request.organization).first()
    return RulesForm(
        data, instance=row or SignInRules(organization=request.organization), session=request.session,
        user=request.user, provider=_provider_of(request.organization),
    )  # fmt: skip


def _provider_of(organization: Organization) -> IdentityProvider | None:
    return IdentityProvider.objects.filter(organization=organization).first()


def _address(organization: Organization) -> str:
    return reverse("accounts:settings", kwargs={"organization": organization.slug})


def _ours(request: HttpRequest, row: IdentityProvider) -> dict[str, str]:
    """Return what the provider must be told about us."""
    paths = {
        "callback": reverse("openid_connect_callback", kwargs={"provider_id": row.key}),
        "back_channel": reverse("accounts:back-channel", kwargs={"key": row.key}),
        "acs": reverse("saml_acs", kwargs={"organization_slug": row.key}),
        "sls": reverse("accounts:single-logout", kwargs={"key": row.key}),
        "metadata": reverse("saml_metadata", kwargs={"organization_slug": row.key}),
    }
    return {name: request.build_absolute_uri(path) for name, path in paths.items()}
