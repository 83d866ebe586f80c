"""Links that count their clicks: what one is to the door, and where it sends a person."""

from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit, urlunsplit

from apps.ingestion.domain.pipeline import CLICK_PARAMETER

_UTM = (
    ("utm_source", "source"),
    ("utm_medium", "medium"),
    ("utm_campaign", "campaign"),
    ("utm_term", "term"),
    ("utm_content", "content"),
)


# What an address is made of; anything else in it is written as %XX, as a browser would.
_OF_AN_ADDRESS = "%/:?#[]@!$&'()*+,;=~"


class UnsafeDestination(ValueError):
    """A browser must not be sent there."""


@dataclass(frozen=True, slots=True)
class LinkInfo:
    """A link as the door knows it."""

    id: int
    property_id: int
    slug: str
    destination: str
    source: str
    medium: str
    campaign: str
    term: str
    content: str


def check_destination(url: str) -> None:
    """Raise UnsafeDestination unless *url* is a whole web address without tricks that browsers read differently."""
    if any(character in ' \\"<>`' or not character.isprintable() for character in url):
        raise UnsafeDestination("The address holds a blank, a backslash, a quote or a character that nobody can see.")
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _server(parts)
    except ValueError:
        raise UnsafeDestination("This is not an address.") from None
    if parts.scheme not in ("https", "http") or not host:
        raise UnsafeDestination("The address must begin with https:// or http:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise UnsafeDestination("The address must not hold a user name: people would read it as the host.")


def destination(link: LinkInfo, click_id: str) -> str:
    """Return where a click goes: the link's own parameters win, ours fill what they leave open.

    A click that is not recorded has no id to carry on.
    """
    parts = urlsplit(link.destination)
    given = parse_qsl(parts.query, keep_blank_values=True)
    names = {name.lower() for name, _ in given}
    added = [(name, getattr(link, field)) for name, field in _UTM if getattr(link, field) and name not in names]
    added += [(CLICK_PARAMETER, click_id)] if click_id else []
    query = [part for part in (parts.query, urlencode(added)) if part]
    written = (quote(part, safe=_OF_AN_ADDRESS) for part in (parts.path, "&".join(query), parts.fragment))
    return urlunsplit((parts.scheme, _server(parts), *written))


def _server(parts: SplitResult) -> str:
    """Return host and port as a header can carry them. Raises ValueError where there is no such host or port."""
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host.encode("idna").decode() if not host.isascii() else host
    return host if parts.port is None else f"{host}:{parts.port}"
