"""The facts of a context: where it happened, where the visit came from, on which device.

They follow from the context, the group and the page among the properties, and from nothing else of an event, nor does
any step read them. So events that agree in those share them: see `contexts`.
"""

from sys import intern
from typing import Any

import msgspec

from apps.ingestion.domain import agents
from apps.ingestion.domain.events import LONGEST_WORD, ContextFacts, Surroundings
from apps.ingestion.domain.origins import Origin, Stated, origin_of
from apps.ingestion.domain.payload import Campaign, Context, Page, Properties
from apps.ingestion.domain.reading import text

CLICK_PARAMETER = "tbclid"  # what our own links append to the landing page
LONGEST_ADDRESS = 8_192
_NO_CONTEXT, _NO_PAGE = Context(), Page()
_AS_COLUMNS = frozenset({"ip", "userAgent", "locale", "page", "campaign", "consent", "gpc"})
_MACHINES = frozenset({"desktop", "mobile", "tablet"})  # as agents are told apart; others name a system
_encode = msgspec.json.Encoder().encode


class _Surrounded(msgspec.Struct, rename="camel"):
    context: dict[str, msgspec.Raw] | None = None
    group_id: str | int | None = None
    category: Any = None


_decode_surrounded = msgspec.json.Decoder(_Surrounded).decode


def context_facts(
    context: Context | None, facts: Properties, surroundings: Surroundings, rest: str = ""
) -> ContextFacts:
    """Return what *context* and the page among the properties say; *rest* is what of the context is no column.

    Words come back interned: the same few stand in all contexts, and comparing them costs nothing then.
    """
    page, campaign = (context or _NO_CONTEXT).page or _NO_PAGE, (context or _NO_CONTEXT).campaign
    url = (text(page.url) or text(facts.url))[:LONGEST_ADDRESS]
    path = (text(page.path) or text(facts.path) or _path_of(url))[:LONGEST_ADDRESS]
    title = (text(page.title) or text(facts.title))[:LONGEST_ADDRESS]
    origin = origin_of(
        url,
        text(page.referrer) or text(facts.referrer) or _referred_from(context),
        surroundings.own_domains,
        surroundings.referrer_exclusions,
        _stated(campaign) if campaign else (),
        surroundings.click_ids,
    )
    channel = (text(campaign.channel)[:LONGEST_WORD] if campaign else "") or origin.channel
    source, medium, name, term, content = map(_word, origin.words)
    click_id_kind, click_id = _click_of(origin, url)
    device, os, browser = map(_word, _machine(context or _NO_CONTEXT, surroundings))
    return ContextFacts(
        channel=_word(channel),
        source=source,
        medium=medium,
        campaign=name,
        term=term,
        content=content,
        click_id_kind=click_id_kind,
        click_id=click_id,
        referrer_host=_word(origin.referrer_host),
        has_source=origin.has_source,
        page_url=url,
        page_path=_word(path),
        title=_word(title),
        device=device,
        os=os,
        browser=browser,
        locale=_word(text(context.locale)[:64]) if context else "",
        context=rest,
    )


def rest_of_context(raw: bytes | memoryview, context: Context | None) -> str:
    """Return what of the *context* of an event as sent is no column, with its referrer, group and category."""
    around = _decode_surrounded(raw)
    rest: dict[str, object] = {name: value for name, value in (around.context or {}).items() if name not in _AS_COLUMNS}
    if context is not None and context.page is not None and context.page.referrer:
        # What the client calls its referrer beside the page is an ad or an app, as an object.
        rest["pageReferrer" if "referrer" in rest else "referrer"] = text(context.page.referrer)
    if around.group_id is not None:
        rest["groupId"] = around.group_id
    if isinstance(around.category, str) and around.category:  # of a page, beside its name
        rest["category"] = around.category[:LONGEST_WORD]
    return _encode(rest).decode() if rest else ""


def _click_of(origin: Origin, url: str) -> tuple[str, str]:
    """Return the click id of another platform, or the id of the click on one of our links that led to this page."""
    if origin.click_id or f"{CLICK_PARAMETER}=" not in url:
        return origin.click_id_kind, origin.click_id
    found = url.partition(f"{CLICK_PARAMETER}=")[2]
    return CLICK_PARAMETER, found.split("&", 1)[0].split("#", 1)[0][:LONGEST_WORD]


def _referred_from(context: Context | None) -> str:
    """Return the address in `context.referrer`, where apps and servers state it that have no page."""
    said = context.referrer if context is not None else None
    url = said.get("url") if isinstance(said, dict) else said
    return url if isinstance(url, str) else ""


def _machine(context: Context, surroundings: Surroundings) -> tuple[str, str, str]:
    """Return device, system and browser."""
    user_agent = text(context.user_agent)
    if not user_agent and surroundings.stream_kind != "server":
        user_agent = surroundings.user_agent
    device, os, browser = agents.agent(user_agent)
    if device == "bot":  # a robot by its own word ended before; this is a program that sends for somebody
        device = "other"
    if context.os is not None and context.os.name:
        os = text(context.os.name)[:LONGEST_WORD]
    said = text(context.device.type).lower() if context.device is not None else ""
    if said in _MACHINES:
        return said, os, browser
    if surroundings.stream_kind in ("ios", "android") and device in ("", "other"):
        device = "tablet" if context.device and "tablet" in text(context.device.type).lower() else "mobile"
    return device, os, browser


def _word(word: str) -> str:
    return intern(str(word))  # a channel is a StrEnum, which cannot be


def _stated(campaign: Campaign) -> Stated:
    fields = ("source", "medium", "name", "term", "content")
    return tuple((field, text(getattr(campaign, field))) for field in fields if getattr(campaign, field))


def _path_of(url: str) -> str:
    if not url:
        return ""
    _, slashes, rest = url.partition("//")
    path = "/" + rest.partition("/")[2] if slashes else url
    return path.partition("?")[0].partition("#")[0]
