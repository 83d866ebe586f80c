"""Links that count their clicks: what one is to the door, and where it sends a person."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from apps.ingestion.domain.pipeline import CLICK_PARAMETER

_UTM = (
    ("utm_source", "source"),
    ("utm_medium", "medium"),
    ("utm_campaign", "campaign"),
    ("utm_term", "term"),
    ("utm_content", "content"),
)


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
    if any(character <= " " or character in '\\"<>`\x7f' for character in url):
        raise UnsafeDestination("The address holds a blank, a backslash, a quote or a control character.")
    try:
        parts = urlsplit(url)
        host = parts.hostname
        parts.port  # noqa: B018  raises when it is no number
    except ValueError:
        raise UnsafeDestination("This is not an address.") from None
    if parts.scheme not in ("https", "http") or not host:
        raise UnsafeDestination("The address must begin with https:// or http:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise UnsafeDestination("The address must not hold a user name: people would read it as the host.")


def destination(link: LinkInfo, click_id: str) -> str:
    """Return where a click goes: the link's own parameters win, ours fill what they leave open."""
    parts = urlsplit(link.destination)
    given = parse_qsl(parts.query, keep_blank_values=True)
    names = {name.lower() for name, _ in given}
    added = [(name, getattr(link, field)) for name, field in _UTM if getattr(link, field) and name not in names]
    query = [part for part in (parts.query, urlencode([*added, (CLICK_PARAMETER, click_id)])) if part]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join(query), parts.fragment))
