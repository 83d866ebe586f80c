"""What the pages of an account show in common."""

from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from ua_parser import parse

register = template.Library()


@register.simple_tag(takes_context=True)
def account_pages(context: template.Context) -> list[dict[str, Any]]:
    """Return the pages of one's own account as tabs; a page below one of them keeps it current."""
    request: HttpRequest = context["request"]
    pages = [
        (_("Second factors"), "mfa_index", ("mfa_",)),
        (_("Devices"), "usersessions_list", ("usersessions_",)),
        (_("Password"), "account_change_password", ("account_change_password", "account_set_password")),
        (_("Address"), "account_email", ("account_email",)),
    ]
    if settings.ACCOUNTS_MAIL_PAGE:
        pages.append((_("Mail"), "accounts:mail-list", ("mail-",)))
    here = (request.resolver_match.url_name or "") if request.resolver_match else ""
    return [{"label": label, "url": reverse(name), "is_current": here.startswith(own)} for label, name, own in pages]


@register.filter
def device(user_agent: str) -> str:
    """Return browser and system of a User-Agent header, such as "Firefox · Linux"."""
    found = parse(user_agent)
    names = (found.user_agent.family if found.user_agent else "", found.os.family if found.os else "")
    return " · ".join(name for name in names if name) or user_agent[:60]
