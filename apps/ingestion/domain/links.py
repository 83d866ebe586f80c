"""Links that count their clicks: what one is to the door, and where it sends a person."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, quote, quote_plus, unquote_plus, urlencode, urlsplit, urlunsplit

import attribution as engine
from apps.ingestion.domain.context_facts import CLICK_PARAMETER

_UTM = (
    ("utm_source", "source"),
    ("utm_medium", "medium"),
    ("utm_campaign", "campaign"),
    ("utm_term", "term"),
    ("utm_content", "content"),
)


# What an address is made of; anything else in it is written as %XX, as a browser would, and no more than that.
_OF_A_PATH = "%/:?#[]@!$&'()*+,;=~|"
_OF_A_QUERY = f"{_OF_A_PATH}{{}}^"


_PLAY_STORE = "play.google.com"
_HARMFUL = frozenset(
    "javascript data vbscript file blob filesystem content intent about view-source".split()  # noqa: SIM905
)
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_MOST_CARRIED, _LONGEST_CARRIED = 10, 512
_AD_CLICKS = frozenset(name.lower() for name in engine.CLICK_IDS)

Carried = tuple[tuple[str, str], ...]  # ids of ad clicks, by the names of their parameters as they were written


class Unsafe(StrEnum):
    """Why a browser must not be sent to an address."""

    SIGNS = "signs"
    NO_ADDRESS = "no_address"
    SCHEME = "scheme"
    USER = "user"
    HOST = "host"
    PLACE = "place"


class UnsafeDestination(ValueError):
    """A browser must not be sent there; says why."""

    def __init__(self, why: Unsafe) -> None:
        super().__init__(why)
        self.why = why


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
    ios_destination: str = ""
    android_destination: str = ""
    deep_link: str = ""
    version: int = 1
    region: str = ""
    organization_id: int = 0


def check_destination(url: str) -> None:
    """Raise UnsafeDestination unless *url* is a whole web address without tricks that browsers read differently."""
    if any(character in ' \\"<>`' or not character.isprintable() for character in url):
        raise UnsafeDestination(Unsafe.SIGNS)
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _server(parts)
    except ValueError:
        raise UnsafeDestination(Unsafe.NO_ADDRESS) from None
    if parts.scheme not in ("https", "http") or not host:
        raise UnsafeDestination(Unsafe.SCHEME)
    if parts.username is not None or parts.password is not None:
        raise UnsafeDestination(Unsafe.USER)
    if not _is_plain(host):
        raise UnsafeDestination(Unsafe.HOST)


def _is_plain(host: str) -> bool:
    """Tell whether *host* means to browsers what it looks like: nothing escaped, no letters or numbers in disguise."""
    if ":" in host:
        return "%" not in host  # urlsplit has read what stands in brackets as an address
    try:
        coded = host.encode("idna").decode()
        looks_like_itself = host.isascii() or coded.encode().decode("idna") == unicodedata.normalize("NFC", host)
        if not looks_like_itself or not _HOST.fullmatch(coded):
            return False
        is_number = _NUMBER.fullmatch(coded.rstrip(".").rpartition(".")[2])
        return not is_number or str(ip_address(coded)) == coded
    except ValueError:  # no host at all, or a number that is no address
        return False


def check_deep_link(text: str) -> None:
    """Raise UnsafeDestination unless *text* is a place inside an app: `/path`, or an address of any harmless scheme."""
    scheme = text.partition(":")[0].lower() if ":" in text else ""
    if not text.isprintable() or " " in text or scheme in _HARMFUL:
        raise UnsafeDestination(Unsafe.PLACE)


def destination(link: LinkInfo, click_id: str, *, system: str = "", carried: Carried = ()) -> str:
    """Return where a click goes: the link's own parameters win, ours fill what they leave open.

    *carried* are the ids of ad clicks that the click came with. A *system* (iOS, Android) with a place of its own goes
    there, every other to the common one. Google's store hands its `referrer` to the app at its first start, so
    everything travels in it. A click that is not recorded has no id to carry on.
    """
    place = _place(link, system)
    brought = urlencode([(name, value) for name, value in carried if name.lower() not in place.names])
    added = [place.added, brought, f"{CLICK_PARAMETER}={quote_plus(click_id)}" if click_id else ""]
    tail = "&".join(part for part in added if part)
    if place.is_store:
        tail = f"referrer={quote_plus(tail)}" if "referrer" not in place.names else ""
    joint = "&" if place.query and tail and not place.query.endswith("&") else ""
    query = f"{place.query}{joint}{tail}"
    return f"{place.front}{'?' if query else ''}{query}{place.fragment}"


def carried_in(query: str, own: Callable[[], Sequence[str]]) -> Carried:
    """Return the ids of ad clicks in *query*: of the table, and the property's *own*, which are asked for at need.

    Networks append them to the address of the link, and the page that they are meant for lies behind it.
    """
    if "=" not in query:
        return ()
    of_property = own()
    wanted = _AD_CLICKS.union(name.lower() for name in of_property) if of_property else _AD_CLICKS
    found: dict[str, tuple[str, str]] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name.lower() in wanted and name.lower() not in found and value:
            text = unquote_plus(value)
            if len(text) <= _LONGEST_CARRIED and text.isascii() and text.isprintable():
                found[name.lower()] = (name, text)
    return tuple(found.values())[:_MOST_CARRIED]


def chosen(link: LinkInfo, system: str) -> str:
    """Return the destination for a *system*, as people wrote it: what a click keeps, whatever the link says later."""
    own = {"iOS": link.ios_destination, "Android": link.android_destination}.get(system)
    return own or link.destination


class _Place(NamedTuple):
    """What every click on a link shares; `added` are our own parameters, which a store takes in one of its own.

    `names` are those of the parameters that stand there already.
    """

    front: str
    query: str
    added: str
    fragment: str
    is_store: bool
    names: frozenset[str]


@lru_cache(maxsize=4_096)
def _place(link: LinkInfo, system: str) -> _Place:
    parts = urlsplit(chosen(link, system))
    # Whoever copies an address from a landing page copies the id of the click that led there, which is over.
    written = "&".join(one for one in parts.query.split("&") if one.partition("=")[0] != CLICK_PARAMETER)
    names = frozenset(name.lower() for name, _ in parse_qsl(written, keep_blank_values=True))
    added = [(name, getattr(link, field)) for name, field in _UTM if getattr(link, field) and name not in names]
    path = quote(parts.path, safe=_OF_A_PATH)
    query, fragment = (quote(part, safe=_OF_A_QUERY) for part in (written, parts.fragment))
    front = urlunsplit((parts.scheme, _server(parts), path, "", ""))
    is_store = parts.hostname == _PLAY_STORE
    return _Place(front, query, urlencode(added), fragment and f"#{fragment}", is_store, names)


def _server(parts: SplitResult) -> str:
    """Return host and port as a header can carry them. Raises ValueError where there is no such host or port."""
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host.encode("idna").decode() if not host.isascii() else host
    return host if parts.port is None else f"{host}:{parts.port}"
