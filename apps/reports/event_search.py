"""What a person looks for among events, read from the address, and whom they mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.attribution import api as attribution
from apps.ingestion import api as ingestion
from apps.orgs import api as orgs

KINDS = ("track", "page", "screen", "identify", "group", "alias", "click", "impression", "spend")
BY: dict[str, str | Promise] = {
    "": _("Any id"),
    "message": _("Message id"),
    "user": _("User id"),
    "anonymous": _("Anonymous id"),
    "device": _("Device id"),
    "person": _("Person"),
    "order": _("Order id"),
}
STATES = ("stored", "duplicate", "quarantined", "refused", "waiting")
_LONGEST = 300
_LARGEST = 2**64 - 1


@dataclass(frozen=True, slots=True)
class EventSearch:
    """The controls of the page, each as it stands in the address."""

    q: str = ""
    by: str = ""
    state: str = ""
    kind: str = ""
    name: str = ""
    stream: str = ""
    text: str = ""
    since: str = ""
    until: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Tell whether anything but everything is asked for."""
        return any(getattr(self, name) for name in self.__slots__)

    def query(self, **more: str) -> str:
        """Return the query string of this search."""
        given = {name: getattr(self, name) for name in self.__slots__} | more
        return f"?{urlencode({name: value for name, value in given.items() if value})}"

    def wanted(self, time_zone: str) -> ingestion.Wanted:
        """Return what is wanted, but for whom: times are of the property's zone."""
        return ingestion.Wanted(
            state=self.state,
            kind=self.kind,
            name=self.name,
            stream_id=int(self.stream or 0),
            text=self.text,
            since=_instant(self.since, time_zone),
            until=_instant(self.until, time_zone),
        )


def read_search(query: Mapping[str, str], *, sees_personal: bool) -> EventSearch:
    """Return the search in an address. Whoever may not see persons finds none by their ids or by what is inside."""
    given = {name: _text(query, name) for name in EventSearch.__slots__}
    if given["by"] not in BY or not sees_personal:
        given["by"] = "" if sees_personal else "message"
    if given["state"] not in STATES:
        given["state"] = ""
    if given["kind"] not in KINDS:
        given["kind"] = ""
    if not given["stream"].isascii() or not given["stream"].isdigit() or len(given["stream"]) > 15:
        given["stream"] = ""
    for name in ("since", "until"):
        given[name] = given[name] if _instant(given[name], "UTC") else ""
    if not sees_personal:
        given["text"] = ""
    given["q"] = id_in(query, "q")
    if given["by"] != "message" and not given["q"].strip():
        given["q"] = ""
    if not given["q"]:
        given["by"] = ""
    return EventSearch(**given)


def id_in(query: Mapping[str, str], name: str) -> str:
    """Return an id of the address as it is: what a client made its ids of is part of them. None holds NUL."""
    return query.get(name, "").replace("\x00", "")[: ingestion.LONGEST_ID]


def spellings(one: str) -> tuple[str, ...]:
    """Return what an id that was typed may be, the likeliest first: as it stands, else without spaces around it."""
    return tuple(dict.fromkeys(part for part in (one, one.strip()) if part))


def whose(info: orgs.PropertyInfo, search: EventSearch) -> list[ingestion.Wanted]:
    """Return what may be meant by an id, the likeliest first; the first that finds anything holds."""
    return [wanted for one in spellings(search.q) for wanted in _whose(info, search, one)]


def _whose(info: orgs.PropertyInfo, search: EventSearch, one: str) -> list[ingestion.Wanted]:
    plain = search.wanted(info.time_zone)
    meant = {
        "message": lambda: [_with(plain, message_id=one)],
        "user": lambda: [_with(plain, ids=(one,), person_keys=_keys(info, ingestion.person_key("", one)))],
        "anonymous": lambda: [_with(plain, ids=(one,), device_key=ingestion.device_key(one, ""))],
        "device": lambda: [_with(plain, device_id=one)],
        "person": lambda: [_with(plain, person_keys=_keys(info, int(one)))] if _is_key(one) else [],
        "order": lambda: [_with(plain, order_id=one)],
    }
    if search.by:
        return meant[search.by]() if search.by in meant else []
    return [_anybody(info, plain, one), *meant["order"](), *meant["device"](), *meant["person"]()]


def _anybody(info: orgs.PropertyInfo, plain: ingestion.Wanted, one: str) -> ingestion.Wanted:
    """Return the person behind an id, whichever kind of id it is."""
    keys = (*_keys(info, ingestion.person_key("", one)), *_keys(info, ingestion.device_key(one, "")))
    return _with(plain, ids=(one,), person_keys=tuple(dict.fromkeys(keys)))


def _keys(info: orgs.PropertyInfo, key: int) -> tuple[int, ...]:
    return attribution.person_of(info.id, key).keys


def _with(plain: ingestion.Wanted, **more: object) -> ingestion.Wanted:
    return ingestion.Wanted(**{name: getattr(plain, name) for name in plain.__slots__} | more)


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20 and 0 < int(text) <= _LARGEST


def _text(query: Mapping[str, str], name: str) -> str:
    return query.get(name, "").strip().replace("\x00", "")[:_LONGEST]


def _instant(text: str, time_zone: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(time_zone))
    return moment if 1970 < moment.year < 2200 else None
