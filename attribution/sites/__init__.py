"""Who a host or a source name is: search engine, social network, shop or video site."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal, NamedTuple, get_args

from attribution.sites.published import PUBLISHED, PUBLISHED_WITH_COM
from attribution.sites.search import SEARCH_ENGINES, SEARCH_PORTALS
from attribution.sites.shopping import SHOPPING_SITES
from attribution.sites.social import SOCIAL_SITES
from attribution.sites.video import VIDEO_SITES

SiteKind = Literal["search", "social", "shopping", "video"]


class Site(NamedTuple):
    """A known site: its short name and what it is."""

    name: str
    kind: SiteKind


_TABLES: Final[tuple[tuple[SiteKind, Mapping[str, tuple[str, ...]]], ...]] = (
    ("shopping", SHOPPING_SITES),
    ("social", SOCIAL_SITES),
    ("video", VIDEO_SITES),
    ("search", SEARCH_ENGINES),
)
_NAMES: Final[dict[str, Site]] = {}
_DOMAINS: Final[dict[str, Site]] = {}  # the host itself and everything below it
_EXACT: Final[dict[str, Site]] = {}  # the host alone: mail.google.com is not a search engine

for _kind, _table in _TABLES:
    for _name, _hosts in _table.items():
        _NAMES.setdefault(_name, Site(_name, _kind))
        for _host in _hosts:
            (_DOMAINS if "." in _host else _NAMES).setdefault(_host, Site(_name, _kind))
for _name, _hosts in SEARCH_PORTALS.items():
    _NAMES.setdefault(_name, Site(_name, "search"))
    for _host in _hosts:
        _EXACT.setdefault(_host, Site(_name, "search"))


def _add_published(kind: SiteKind, host_or_name: str, name: str) -> None:
    """Add what a published list says, under the name that the tables have for it, if they have one."""
    known = _NAMES.get(host_or_name) or _DOMAINS.get(host_or_name)
    exactly = _EXACT if "." in host_or_name else _NAMES
    exactly[host_or_name] = Site(known.name if known else name, kind)


for _kind in get_args(SiteKind):
    for _name in PUBLISHED_WITH_COM.get(_kind, "").split():
        _add_published(_kind, _name, _name)
        _add_published(_kind, f"{_name}.com", _name)
    for _name in PUBLISHED.get(_kind, "").split():
        _add_published(_kind, _name, _name)


@lru_cache(maxsize=65_536)
def find_site(host_or_name: str) -> Site | None:
    """
    Return the known site behind a host or a source name.

    Names match as a whole, hosts by whole labels: ``notfacebook.com`` is
    not Facebook, ``l.facebook.com`` is. Portals that host more than a search
    page (Google, Yandex, Yahoo) match by their search hosts alone, and so do
    sources that only the published list of Google Analytics names.

    Parameters
    ----------
    host_or_name : str
        A host (``www.google.co.uk``) or what people write into
        ``utm_source`` (``google``). Case does not matter.

    Returns
    -------
    Site or None
        None for a site that no table knows.

    Notes
    -----
    Time O(labels of the host); cached.

    Examples
    --------
    >>> find_site("l.facebook.com")
    Site(name='facebook', kind='social')
    >>> find_site("www.google.co.uk")
    Site(name='google', kind='search')
    >>> find_site("mail.google.com") is None
    True
    """
    text = host_or_name.strip().lower()
    if "." not in text:
        return _NAMES.get(text)
    bare = text.removeprefix("www.").removeprefix("m.")
    exact = _EXACT.get(text) or _EXACT.get(bare)
    if exact is not None:
        return exact
    while "." in bare:
        site = _DOMAINS.get(bare)
        if site is not None:
            return site
        bare = bare.partition(".")[2]
    return None
