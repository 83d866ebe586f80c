"""What a user agent says: kind of device, system, browser, and whether it is a robot."""

import re
from functools import lru_cache
from typing import NamedTuple

from crawleruseragents import is_crawler
from ua_parser import parse

_LONGEST = 1024  # the tables need no more, and the cache keeps every text it saw
_TABLETS = ("iPad", "Tablet", "Kindle", "Silk/", "PlayBook")
_PHONES = ("Mobi", "iPhone", "iPod", "Windows Phone", "Opera Mini")
_TELEVISIONS = re.compile(r"TV\b|SmartTV|HbbTV|BRAVIA|\bAFT[A-Z]|CrKey|Web0S|VIDAA")
_DESKTOPS = ("Windows NT", "Macintosh", "X11", "CrOS", "Linux x86_64")
_TRIED_BY_HAND = "curl/"  # the tables count it among crawlers, and it is how people try a link
# What the tables miss: link previews of messengers, offices and scanners of mail, whoever calls itself a bot, and the
# libraries of programs, whose name comes first. (Not those of apps: Dalvik, Darwin and Dart speak for a person.)
_MORE_PROGRAMS = re.compile(
    r"(?<!cu)bot/\d|^[\w-]+bot$|compatible; ?[\w.-]*bot\b|adsbot|link ?preview|ms-?office|microsoft office/|cardyb"
    r"|kakaotalk-scrap|line-poker|barracuda|url defense|skypespaces|embedder|contenttabreceiver|clip resolver"
    r"|powershell|synthetic|health-?check|link ?(?:expander|resolver|checker|validator)|prerender|cloudflare-"
    r"|facebook(?:external|platform|scraper)|google-(?!api|http)|-google/"
    r"|^(?:java|java-http-client|node|node\.js|undici|bun|deno|ruby|faraday|reqwest|guzzlehttp|postmanruntime"
    r"|insomnia|mimecast|zscaler|urlscan)\b",
    re.IGNORECASE,
)
# What programs say of themselves, and no browser does. (An app with such a name says CFNetwork behind it.)
_SAYS_SO = re.compile(
    r"\A(?:(?!.*CFNetwork).*(?:crawl|spider|(?<!cu)bot\b|\+ ?https?:|compatible;(?! MSIE)[^)]*https?:)"
    r"|Mozilla/5\.0 \(compatible; (?!MSIE|Konqueror)[^)]*\)\Z)",
    re.IGNORECASE | re.DOTALL,
)
# Who draws a picture in a mail that a person has opened: programs of mailboxes, and Outlook, which fetches links ahead
# under the same name.
_DRAWS_MAIL = re.compile(r"ImageProxy|MailProxy|EmailProxy|mail\.ukr\.net proxy|Microsoft Outlook|ms-office")
_ON_BEHALF = re.compile(r"ImageProxy|MailProxy|EmailProxy|mail\.ukr\.net proxy")
# What the tables take for programs, and people have: a model of a phone and its build, whatever they are called, and
# browsers of messengers and search engines, whose programs begin with that name or go on otherwise.
_OF_PEOPLE = re.compile(
    r"(Android[^;()]*; ?(?:[a-z]{2}(?:[-_][a-z]{2,4})?; ?)?)[^;()]*|Build/[^;() ]+"
    r"|(?<=.)(?:WhatsApp|Viber)/[\d.]+|WhatsAppSMB|Sogou(?:MSE|MobileBrowser|Search)",
    re.IGNORECASE,
)
_SHORT_NAMES = {"Mac OS X": "macOS", "Mobile Safari": "Safari", "Chrome Mobile": "Chrome", "Firefox Mobile": "Firefox"}


class Agent(NamedTuple):
    """The facts of a user agent; empty texts where it says nothing."""

    device: str
    os: str
    browser: str


def agent(user_agent: str) -> Agent:
    """Return what *user_agent* tells about the machine."""
    return _agent(user_agent[:_LONGEST])


def is_bot(user_agent: str) -> bool:
    """Tell whether *user_agent* is a known crawler, monitor or tool."""
    return bool(user_agent) and _is_bot(user_agent[:_LONGEST])


def may_be_ipad(user_agent: str) -> bool:
    """Tell whether *user_agent* is Safari on a Mac: an iPad says the same, and only the browser itself knows."""
    text = user_agent[:_LONGEST]
    return "(Macintosh;" in text and "AppleWebKit/605" in text and not _is_bot(text) and agent(text).os == "macOS"


def draws_mail(user_agent: str) -> bool:
    """Tell whether *user_agent* draws the pictures of a mail while a person reads it."""
    return bool(_DRAWS_MAIL.search(user_agent[:_LONGEST]))


def asks_from_elsewhere(user_agent: str) -> bool:
    """Tell whether *user_agent* asks for a person from its own place, so that its address tells nothing of theirs."""
    return bool(_ON_BEHALF.search(user_agent[:_LONGEST]))


@lru_cache(maxsize=65_536)
def _agent(user_agent: str) -> Agent:
    if not user_agent:
        return Agent("", "", "")
    found = parse(user_agent)
    return Agent(
        _device(user_agent),
        _short(found.os.family if found.os else ""),
        _short(found.user_agent.family if found.user_agent else ""),
    )


@lru_cache(maxsize=65_536)
def _is_bot(user_agent: str) -> bool:
    if user_agent.startswith(_TRIED_BY_HAND):
        return False
    text = _OF_PEOPLE.sub(r"\1", user_agent)
    return bool(_MORE_PROGRAMS.search(text) or _SAYS_SO.search(text) or is_crawler(text))


def _device(user_agent: str) -> str:
    if _is_bot(user_agent):
        return "bot"
    if "Mobi" not in user_agent and _TELEVISIONS.search(user_agent):
        return "other"
    if any(word in user_agent for word in _TABLETS) or _is_large_android(user_agent):
        return "tablet"
    if "Android" in user_agent or any(word in user_agent for word in _PHONES):
        return "mobile"
    return "desktop" if any(word in user_agent for word in _DESKTOPS) else "other"


def _is_large_android(user_agent: str) -> bool:
    """Tell a tablet by what its browser leaves out. What apps say themselves (Dalvik) leaves it out on phones, too."""
    return "Android" in user_agent and "Mobi" not in user_agent and user_agent.startswith("Mozilla/")


def _short(family: str) -> str:
    return "" if family == "Other" else _SHORT_NAMES.get(family, family)
