"""Visits, persons and journeys worked out once more, from the words of `docs/identity.md` and nothing of the engine.

What a client sent goes in as it was sent, with the instant at which the door heard it; out come the touchpoints of
every conversion. Small, slow and without any index: it is there to disagree.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

DAY = 86_400_000
WIDEST = 90 * DAY
NOBODY = {"null", "unknown", "anonymous", "00000000-0000-0000-0000-000000000000"}
SEARCH = {"www.google.com": "google", "www.bing.com": "bing", "duckduckgo.com": "duckduckgo"}
SOCIAL = {"www.facebook.com": "facebook", "l.facebook.com": "facebook"}
CLICK_IDS = {
    "gclid": ("google", "cpc"), "wbraid": ("google", "cpc"), "msclkid": ("bing", "cpc"), "ttclid": ("tiktok", "cpc"),
    "fbclid": ("facebook", "social"),
}  # fmt: skip
# Source and medium of every origin that the histories use, in GA4's words.
CHANNELS = {
    "Paid Search": "google/cpc bing/cpc",
    "Paid Social": "tiktok/cpc facebook/cpc",
    "Paid Video": "youtube/cpc",
    "Paid Shopping": "amazon/cpc",
    "Display": "bannerly/display bannerly/cpm",
    "Organic Search": "google/organic bing/organic duckduckgo/organic",
    "Organic Social": "facebook/social",
    "Email": "news/email",
    "Affiliates": "partner/affiliate",
    "Mobile Push Notifications": "app/push",
    "SMS": "phone/sms",
    "Audio": "radio/audio",
    "Direct": "(direct)/(none)",
    "Unassigned": "mill/wind",
}


class Source(NamedTuple):
    """Where an event came from."""

    source: str = "(direct)"
    medium: str = "(none)"
    campaign: str = ""
    term: str = ""

    @property
    def is_direct(self) -> bool:
        """Whether it came from nowhere."""
        return self == Source()

    @property
    def channel(self) -> str:
        """The default channel group."""
        if "cross-network" in self.campaign.lower():
            return "Cross-network"
        if self.medium == "referral":
            return "Referral"
        said = f"{self.source}/{self.medium}".lower()
        return next(channel for channel, those in CHANNELS.items() if said in those.split())


class Touch(NamedTuple):
    """A touchpoint of a conversion."""

    id: str
    kind: str
    age: int
    channel: str
    source: str
    medium: str
    campaign: str
    term: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What a property says."""

    gap: int = 30 * 60_000
    campaign_opens: bool = True
    own_domains: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ("paypal.com", "accounts.google.com", "checkout.stripe.com")
    apart: frozenset[frozenset[str]] = frozenset()


class Heard(NamedTuple):
    """An event as the door heard it: what was sent, when it happened by our clock, and when it was heard."""

    sent: dict[str, Any]
    at: int
    heard: int

    @property
    def id(self) -> str:
        """The message id."""
        return str(self.sent["messageId"])

    def one(self, name: str) -> str:
        """Return an id of it; one that is nobody's is none."""
        said = str(self.sent.get(name) or "")
        return "" if said in NOBODY else said


def hear(sent: dict[str, Any], *, heard: int, sent_at: int | None) -> Heard:
    """Return an event with its time put right: moved by the client's error beyond five seconds, never in the future."""
    at = sent["_at"] if "timestamp" in sent else heard
    if sent_at is not None and "timestamp" in sent and abs(heard - sent_at) > 5_000:
        at += heard - sent_at
    return Heard(sent, min(at, heard), heard)


def source_of(sent: dict[str, Any], rules: Rules) -> Source:
    """Return where an event came from: tags, then click ids, then the referrer."""
    page = sent.get("context", {}).get("page", {})
    address = page.get("url", "")
    said = dict(parse_qsl(urlsplit(address).query)) or dict(parse_qsl(urlsplit(address).fragment))
    tags = {name: said.get(f"utm_{name}", "") for name in ("source", "medium", "campaign", "term")}
    stated = sent.get("context", {}).get("campaign", {})
    tags |= {"campaign" if name == "name" else name: value for name, value in stated.items()}
    click = next((CLICK_IDS[name] for name in CLICK_IDS if said.get(name)), None)
    if tags["source"] or tags["medium"] or tags["campaign"] or click:
        source, medium = tags["source"] or (click or ("",))[0], tags["medium"] or (click or ("", ""))[1]
        return Source(source or "(not set)", medium or "(not set)", tags["campaign"], tags.get("term", ""))
    host, own = urlsplit(page.get("referrer", "")).hostname or "", urlsplit(address).hostname or ""
    if not host or _is_below(host, own) or _is_below(own, host):
        return Source()
    if any(_is_below(host, one) for one in rules.own_domains + rules.exclusions):
        return Source()
    if host in SEARCH:
        return Source(SEARCH[host], "organic")
    return Source(SOCIAL[host], "social") if host in SOCIAL else Source(host.removeprefix("www."), "referral")


def _is_below(host: str, domain: str) -> bool:
    host, domain = host.removeprefix("www."), domain.removeprefix("www.")
    return bool(domain) and f".{host}".endswith(f".{domain}")


def stored(heard: Iterable[Heard]) -> list[Heard]:
    """Return each id once, as it was heard first."""
    first: dict[str, Heard] = {}
    for one in heard:
        first.setdefault(one.id, one)
    return list(first.values())


class People:
    """Who is who."""

    def __init__(self, events: list[Heard], rules: Rules) -> None:
        self._apart = rules.apart
        self.users = {one.one("userId") for one in events} - {""}
        self._group = {user: user for user in self.users}
        for one in sorted(events, key=lambda one: (one.at, one.id)):
            if one.sent["type"] == "alias" and one.one("previousId") in self.users and one.one("userId"):
                self._join(one.one("previousId"), one.one("userId"))
        self.named: dict[str, list[tuple[int, int, str, str]]] = {}
        self.claims: dict[str, list[tuple[int, str]]] = {}
        for one in events:
            user = one.one("userId")
            if user and one.one("anonymousId"):
                self.named.setdefault(one.one("anonymousId"), []).append((one.at, one.heard, one.id, user))
                self.claims.setdefault(one.one("anonymousId"), []).append((one.at, user))
            if user and one.sent["type"] == "alias" and one.one("previousId"):
                self.claims.setdefault(one.one("previousId"), []).append((one.at, user))

    def _join(self, one: str, other: str) -> None:
        mine = {user for user in self._group if self._group[user] == self._group[one]}
        theirs = {user for user in self._group if self._group[user] == self._group[other]}
        if any(frozenset((f"u:{a}", f"u:{b}")) in self._apart for a in mine for b in theirs):
            return
        name = min(mine | theirs)
        self._group.update(dict.fromkeys(mine | theirs, name))

    def _is_apart(self, device: str, user: str) -> bool:
        group = {one for one in self._group if self._group[one] == self._group[user]}
        return any(frozenset((f"a:{device}", f"u:{one}")) in self._apart for one in group)

    def _owner(self, device: str) -> str:
        claims = [(at, one) for at, one in self.claims.get(device, ()) if not self._is_apart(device, one)]
        crowd = {self._group[one] for _, one in self.claims.get(device, ())}
        return min(claims)[1] if claims and len(crowd) <= 10 else ""

    def ids(self, user: str) -> set[str]:
        """Return every id of the person of a user."""
        group = {one for one in self._group if self._group[one] == self._group[user]}
        devices = {device for device in self.claims if self._owner(device) in group}
        return {f"u:{one}" for one in group} | {f"a:{one}" for one in devices}

    def of(self, event: Heard) -> str:
        """Return the person of an event."""
        user, device = event.one("userId"), event.one("anonymousId")
        if user:
            return f"u:{self._group[user]}"
        if not device:
            return ""
        owner = self._owner(device)
        if not owner:
            return f"a:{device}"
        if len({one for _, one in self.claims[device]}) > 1:
            before = [
                (at, heard, [-ord(letter) for letter in name], one)
                for at, heard, name, one in self.named.get(device, ())
                if at <= event.at and not self._is_apart(device, one)
            ]
            owner = max(before)[3] if before else owner
        return f"u:{self._group[owner]}"


def touches(events: list[Heard], rules: Rules) -> list[tuple[Heard, str, Source]]:
    """Return every touchpoint: its event, its kind and its source."""
    found = [(one, "click", source_of(one.sent, rules)) for one in events if one.sent["type"] == "click"]
    found += [(one, "view", source_of(one.sent, rules)) for one in events if one.sent["type"] == "impression"]
    devices: dict[str, list[tuple[Heard, Source]]] = {}
    for one in events:
        if one.sent["type"] in ("page", "screen", "track") and (
            device := one.one("anonymousId") or f"\0{one.one('userId')}"
        ):
            devices.setdefault(device, []).append((one, source_of(one.sent, rules)))
    for those in devices.values():
        those.sort(key=lambda pair: (pair[0].at, pair[1].is_direct, pair[0].heard, pair[0].id))
        last, opened = -rules.gap * 10**6, None
        for one, source in those:
            if one.at - last > rules.gap:
                opened = None
            last = one.at
            if opened is None:
                opens = not source.is_direct or one.sent["type"] in ("page", "screen")
            elif source.is_direct or opened[:3] == source[:3]:
                opens = False
            else:
                opens = rules.campaign_opens or opened.is_direct
            if opens:
                opened = source
                found.append((one, "visit", source))
    return found


def journeys(heard: Iterable[Heard], rules: Rules, *, lookback: int = WIDEST) -> dict[str, tuple[Touch, ...]]:
    """Return the touchpoints of every conversion, the last one last."""
    events = stored(heard)
    people, rank = People(events, rules), {"view": 1, "visit": 2, "click": 3}
    every = [(people.of(one), one, kind, source) for one, kind, source in touches(events, rules)]
    answer = {}
    for sale in events:
        if sale.sent["type"] != "track" or sale.sent["event"] != "Order Completed":
            continue
        who = people.of(sale)
        path = [one for one in every if who and one[0] == who and 0 <= sale.at - one[1].at <= lookback]
        clicks = {one.id for _, one, kind, _ in path if kind == "click"}
        path = [one for one in path if not (one[2] == "visit" and landing_of(one[1]) in clicks)]
        path.sort(key=lambda one: one[1].id, reverse=True)
        path.sort(key=lambda one: (one[1].at, rank[one[2]], one[1].heard))
        answer[sale.id] = tuple(
            Touch(one.id, kind, sale.at - one.at, source.channel, *source) for _, one, kind, source in path
        )
    return answer


def landing_of(event: Heard) -> str:
    """Return the id of the click on a link of ours that led to a page."""
    address = event.sent.get("context", {}).get("page", {}).get("url", "")
    return dict(parse_qsl(urlsplit(address).query)).get("tbclid", "")


def credited(heard: Iterable[Heard], rules: Rules, zone: ZoneInfo) -> dict[date, dict[str, int]]:
    """Return how many conversions each channel has of each day: last non-direct, 30 days, views 24 hours.

    Those that nothing earned stand under the empty name.
    """
    happened = {one.id: one.at for one in stored(heard)}
    days: dict[date, dict[str, int]] = {}
    for sale, path in journeys(heard, rules).items():
        counting = [one for one in path if one.age <= (DAY if one.kind == "view" else 30 * DAY)]
        sourced = [one for one in counting if one.channel != "Direct"]
        channel = (sourced or counting)[-1].channel if counting else ""
        day = datetime.fromtimestamp(happened[sale] // 1000, zone).date()
        found = days.setdefault(day, {"": 0})
        found[channel] = found.get(channel, 0) + 1
    return days
