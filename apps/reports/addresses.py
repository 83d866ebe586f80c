"""Addresses of a property's reports."""

from urllib.parse import urlencode

from django.urls import reverse

from apps.orgs import api as orgs


def page_url(info: orgs.PropertyInfo, name: str, *args: str) -> str:
    """Return the address of a report."""
    return reverse(f"reports:{name}", args=[info.organization_slug, info.slug, *args])


def event_url(info: orgs.PropertyInfo, message_id: str) -> str:
    """Return the address at which an event is found."""
    return f"{page_url(info, 'event-find')}?{urlencode({'message_id': message_id})}"


def live_url(info: orgs.PropertyInfo, **choices: str) -> str:
    """Return the address of the property's WebSocket; *choices* filter what it sends."""
    chosen = {name: value for name, value in choices.items() if value}
    return f"/ws/o/{info.organization_slug}/p/{info.slug}/live/" + (f"?{urlencode(chosen)}" if chosen else "")
