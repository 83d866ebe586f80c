"""Where a request comes from."""

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the address of the client: the last one that a proxy of ours has seen."""
    proxies = settings.ORGS_TRUSTED_PROXIES
    if not proxies:
        return str(request.META.get("REMOTE_ADDR") or "")
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    return seen[-proxies] if len(seen) >= proxies else ""
