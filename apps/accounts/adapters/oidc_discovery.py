"""OpenID Connect discovery: whether an issuer is what it says it is."""

from typing import Any
from urllib.parse import urlsplit

from requests import RequestException

from apps.shared import guarded_http

_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")


class NoProvider(ValueError):
    """There is no usable provider: unreachable, issuer or incomplete."""


def check(issuer: str) -> str:
    """Read the configuration of *issuer* and return where people sign out there, or "". Raises NoProvider.

    The issuer in it must be the one asked for (a configuration for another issuer would let that one sign people in),
    and what it sends the browser to must be a web address.
    """
    found = configuration(issuer)
    if any(urlsplit(str(found.get(name, ""))).scheme not in ("http", "https") for name in _NEEDED):
        raise NoProvider("incomplete")
    leaving = str(found.get("end_session_endpoint", ""))
    return leaving if leaving.startswith("https://") or guarded_http.is_private_allowed(leaving) else ""


def configuration(issuer: str) -> dict[str, Any]:
    """Return what *issuer* says of itself. Raises NoProvider."""
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        with guarded_http.session() as session:
            answer = session.get(address, allow_redirects=False)
            answer.raise_for_status()
            found = answer.json()
    except (RequestException, ValueError) as error:
        raise NoProvider("unreachable") from error
    if not isinstance(found, dict) or str(found.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
        raise NoProvider("issuer")
    return found
