"""The entries of the sidebar. Each app adds its own pages in `ready()`, so the menu shows what exists and no more.

An entry's address takes the organization and the property of the page that is shown, or the organization alone;
elsewhere it is left out, and so it is for whoever may not do what its page asks for.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import NoReverseMatch, ResolverMatch, resolve, reverse
from django.utils.functional import Promise

_SCOPE = ("organization", "property")


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of a property, or the part of one that *anchor* names: its URL name, and what the menu shows for it."""

    label: str | Promise
    url_name: str
    icon: str
    order: int
    key: str = ""
    section: str | Promise = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry on a certain page."""

    label: str | Promise
    url: str
    icon: str
    key: str
    section: str | Promise
    is_current: bool


_entries: dict[tuple[str, str], Entry] = {}


def register(*entries: Entry) -> None:
    """Add entries to the menu; registering the same page again replaces it."""
    _entries.update({(entry.url_name, entry.anchor): entry for entry in entries})


def entries() -> list[Entry]:
    """Return every entry in the order of the menu."""
    return sorted(_entries.values(), key=lambda entry: entry.order)


def scope_of(match: ResolverMatch | None) -> dict[str, str]:
    """Return the organization and the property in a page's address, or nothing."""
    kwargs = match.kwargs if match else {}
    return {name: str(kwargs[name]) for name in _SCOPE if name in kwargs}


def links(match: ResolverMatch | None, *, may: Callable[[str], bool] = lambda _needs: True) -> list[Link]:
    """Return the menu of the page at *match*, as far as the reader *may*; the entry of its own section is current."""
    scope = scope_of(match)
    if not scope or match is None:
        return []
    every = [(entry, _address(entry, scope)) for entry in entries()]
    found = [
        (entry, url) for entry, url in every if url and ((needs := _needs(entry.url_name, url)) is None or may(needs))
    ]
    current = _current(match, [entry for entry, _url in found if not entry.anchor])
    return [
        Link(entry.label, url + _fragment(entry), entry.icon, entry.key, entry.section, is_current=entry == current)
        for entry, url in found
    ]


def first_page(organization: str, property_slug: str) -> str:
    """Return the address of a property's first page."""
    scope = {"organization": organization, "property": property_slug}
    return next((url for entry in entries() if (url := _address(entry, scope))), "/")


def _address(entry: Entry, scope: dict[str, str]) -> str:
    for kwargs in (scope, {name: value for name, value in scope.items() if name == "organization"}):
        try:
            return reverse(entry.url_name, kwargs=kwargs)
        except NoReverseMatch:
            continue
    return ""


def _fragment(entry: Entry) -> str:
    return f"#{entry.anchor}" if entry.anchor else ""


_needed: dict[str, str | None] = {}


def _needs(url_name: str, url: str) -> str | None:
    """Return what the page itself asks for, as its door has marked it, so that menu and page never differ."""
    if url_name not in _needed:
        _needed[url_name] = getattr(resolve(url).func, "door", ("", None))[1]
    return _needed[url_name]


def _current(match: ResolverMatch, shown: Iterable[Entry]) -> Entry | None:
    """Return this page's entry: its own, or the list it is a detail of ("conversion-detail" of "conversion-list")."""
    named = {entry.url_name: entry for entry in shown}
    if match.view_name in named:
        return named[match.view_name]
    noun = match.view_name.rpartition("-")[0] or match.view_name
    return next((named[name] for name in sorted(named) if name.rpartition("-")[0] == noun or name == noun), None)
